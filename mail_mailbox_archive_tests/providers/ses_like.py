"""A provider whose requests are signed and whose events come in envelopes, as SES."""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timezone
from urllib.parse import urlsplit

import requests

from odoo.addons.mail_mailbox_archive.mailcore.addresses.address import normalise
from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreadable
from odoo.addons.mail_mailbox_archive.mailcore.send import providers

STATES = {"Send": "accepted", "Delivery": "delivered", "DeliveryDelay": "deferred"}
STATES |= {"Bounce": "bounced", "Reject": "bounced"}
PATH = "/v2/email/outbound-emails"


@providers.register
class SesLikeProvider(providers.Provider):
    """Signs each request (Signature Version 4); the keys themselves stay here."""

    code = "ses_like"
    label = "Like Amazon SES"
    max_bytes = 40_000_000
    capabilities = providers.Capabilities(max_recipients=50)
    settings = (
        providers.Setting("api_key", help="Access key ID", secret=True, required=True),
        providers.Setting("secret", "Secret access key", secret=True, required=True),
        providers.Setting("place", "Region", "eu-central-1", required=True),
    )
    reports = True
    spf_include = "amazonses.com"

    @classmethod
    def host_of(cls, values):
        return f"email.{values['place']}.amazonaws.com"

    def __init__(self, settings, base_url=""):
        providers.guard_secret(settings["secret"], "Secret key")
        self._values = settings
        self._url = base_url or f"https://{self.host_of(settings)}"
        self._session = requests.Session()

    def close(self):
        self._session.close()

    def check(self):
        quota = self._ask("GET", "/v2/email/account", b"").get("SendQuota") or {}
        return f"{quota.get('Max24HourSend', 0):.0f} emails a day"

    def _send(self, outgoing):
        data = base64.b64encode(outgoing.as_bytes()).decode()
        request = {
            "FromEmailAddress": outgoing.sender or outgoing.message["From"],
            "Destination": {"ToAddresses": list(outgoing.recipients)},
            "Content": {"Raw": {"Data": data}},
        }
        told = self._ask("POST", PATH, json.dumps(request).encode())
        name = told.get("MessageId", "")
        accepted = providers.same_for_all(outgoing.recipients, "accepted", "", name)
        return providers.SendResult(accepted, name)

    def _ask(self, method, path, body):
        headers = self._sign(method, path, body, datetime.now(timezone.utc))
        content = {"data": body, "headers": headers}
        url = self._url + path
        answer, said = providers.ask(self._session, method, url, **content)
        told = providers.read_json(said)
        if answer.status_code != 200:
            words = str(told.get("message", ""))
            raise providers.error_of(answer.status_code, words, answer.headers)
        return told

    def _sign(self, method, path, body, now):
        stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
        host, names = urlsplit(self._url).netloc, "host;x-amz-date"
        head = f"host:{host}\nx-amz-date:{stamp}\n"
        asked = "\n".join((method, path, "", head, names, _hash(body)))
        scope = f"{day}/{self._values['place']}/ses/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{_hash(asked.encode())}"
        key = f"AWS4{self._values['secret']}".encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        proof = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        credential = f"Credential={self._values['api_key']}/{scope}"
        words = f"{credential}, SignedHeaders={names}, Signature={proof}"
        signed = {"X-Amz-Date": stamp, "Authorization": f"AWS4-HMAC-SHA256 {words}"}
        return {**signed, "Content-Type": "application/json"}

    @classmethod
    def parse_events(cls, raw):
        event = providers.read_json(providers.read_json(raw).get("Message") or "")
        if not event:
            raise Unreadable("structure", "no Message")
        word, mail = event.get("eventType"), event.get("mail") or {}
        if word not in STATES:
            return ()
        name = (mail.get("commonHeaders") or {}).get("messageId", "")
        return tuple(
            providers.DeliveryEvent(
                event_id=f"{mail.get('messageId')}-{word}-{address}",
                message_id=name,
                recipient=normalise(address),
                state=STATES[word],
                reason=str((event.get("bounce") or {}).get("bounceType", "")),
                time=datetime.fromisoformat(mail["timestamp"].replace("Z", "+00:00")),
            )
            for address in mail.get("destination") or []
        )


def _hash(data):
    return hashlib.sha256(data).hexdigest()
