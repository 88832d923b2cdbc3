"""A provider that takes whole messages over HTTP and signs events, like Mailgun."""

import hashlib
import hmac
from datetime import datetime, timezone

import requests

from odoo.addons.mail_mailbox_archive.mailcore.addresses.address import normalise
from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreadable
from odoo.addons.mail_mailbox_archive.mailcore.send import providers

#: Seconds that a signed event may be old.
WINDOW = 600
STATES = {"accepted": "accepted", "delivered": "delivered", "rejected": "bounced"}


@providers.register
class MailgunLikeProvider(providers.Provider):
    """Hands over the message as it is, so nothing of it can get lost."""

    code = "mailgun_like"
    label = "Like Mailgun"
    max_bytes = 25_000_000
    capabilities = providers.Capabilities(max_recipients=1000)
    settings = (
        providers.Setting("api_key", secret=True, required=True),
        providers.Setting("domain", "Sending domain", "mg.example.com", required=True),
        providers.Setting("host", "Server", default="api.mailgun.net"),
        providers.Setting("signing_key", "Webhook signing key", secret=True, hook=True),
    )
    reports = True
    spf_include = "mailgun.org"
    dkim_selectors = ("mailo", "smtp", "k1", "mta", "pic")

    @classmethod
    def host_of(cls, values):
        return values["host"]

    def __init__(self, settings, base_url=""):
        providers.guard_secret(settings["api_key"], "API key")
        self._domain = settings["domain"]
        self._url = (base_url or f"https://{settings['host']}") + "/v3"
        self._session = requests.Session()
        self._session.auth = ("api", settings["api_key"])

    def close(self):
        self._session.close()

    def check(self):
        return self._ask("GET", f"domains/{self._domain}")["domain"]["state"]

    def _send(self, outgoing):
        form = [("to", address) for address in outgoing.recipients]
        files = {"message": ("message.mime", outgoing.as_bytes())}
        told = self._ask(
            "POST", f"{self._domain}/messages.mime", data=form, files=files
        )
        name = told.get("id", "")
        accepted = providers.same_for_all(outgoing.recipients, "accepted", "", name)
        return providers.SendResult(accepted, name)

    def _ask(self, method, path, **content):
        url = f"{self._url}/{path}"
        answer, body = providers.ask(self._session, method, url, **content)
        told = providers.read_json(body)
        if answer.status_code != 200:
            words = str(told.get("message", ""))
            raise providers.error_of(answer.status_code, words, answer.headers)
        return told

    @classmethod
    def verify_events(cls, raw, headers, values, now):
        key = values["signing_key"]
        told = providers.read_json(raw).get("signature") or {}
        stamp, token = str(told.get("timestamp", "")), str(told.get("token", ""))
        if not key:
            return True
        if not stamp.isdecimal() or abs(now.timestamp() - int(stamp)) > WINDOW:
            return False
        wanted = hmac.new(key.encode(), (stamp + token).encode(), hashlib.sha256)
        return hmac.compare_digest(wanted.hexdigest(), str(told.get("signature", "")))

    @classmethod
    def parse_events(cls, raw):
        event = providers.read_json(raw).get("event-data")
        if not isinstance(event, dict):
            raise Unreadable("structure", "no event-data")
        word = event.get("event")
        if word == "failed":
            state = "bounced" if event.get("severity") == "permanent" else "deferred"
        else:
            state = STATES.get(word)
        if not state:
            return ()
        headers = (event.get("message") or {}).get("headers") or {}
        name = headers.get("message-id", "")
        status = event.get("delivery-status") or {}
        return (
            providers.DeliveryEvent(
                event_id=str(event.get("id", "")),
                message_id=f"<{name}>" if name else "",
                recipient=normalise(str(event.get("recipient", ""))),
                state=state,
                reason=str(status.get("message") or status.get("description") or ""),
                time=datetime.fromtimestamp(event.get("timestamp") or 0, timezone.utc),
            ),
        )
