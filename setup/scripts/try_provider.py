"""Try a live account of a sending provider and say in words what worked.

It asks for what the provider says that an account needs; secrets are not shown while
they are typed, and nothing is stored. Then it checks the keys, sends one test email to
an address of yours, and reads an event of the webhook that you saved to a file.
"""

from __future__ import annotations

import argparse
import getpass
import importlib
import sys
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT))

import setup.plugins.pure  # noqa: E402, F401 - there is no Odoo here

# isort: split

from odoo.addons.mail_mailbox_archive.mailcore.errors import (  # noqa: E402
    MailCoreError,
    Unsupported,
)
from odoo.addons.mail_mailbox_archive.mailcore.send import providers  # noqa: E402
from odoo.addons.mail_mailbox_archive.mailcore.send.outgoing import (  # noqa: E402
    prepare,
)


def ask(kind: type[providers.Provider]) -> providers.Settings:
    """Return what the person types for each setting."""
    values = providers.Settings()
    for one in kind.settings:
        words = one.label or one.name.replace("_", " ")
        hint = f" ({one.help or one.default})" if one.help or one.default else ""
        read = getpass.getpass if one.secret else input
        values[one.name] = read(f"{words}{hint}: ").strip() or one.default
    return values


def letter(sender: str, recipient: str) -> EmailMessage:
    """Return the test email: both texts and an attachment, with foreign letters."""
    made = EmailMessage()
    made["From"], made["To"] = f"Test Zażółć <{sender}>", recipient
    made["Subject"] = "Test of a sending account: zażółć ✓"
    made["Date"] = formatdate(localtime=True)
    made["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    made["Reply-To"] = sender
    made.set_content("The plain text. Zażółć.\n")
    made.add_alternative("<p>The <b>HTML</b>. Zażółć.</p>", subtype="html")
    made.add_attachment(b"one line\n", "text", "plain", filename="zażółć.txt")
    return made


def step(words: str, do) -> bool:
    """Do something and say whether it worked, in the provider's own words."""
    try:
        said = do()
    except MailCoreError as error:
        print(f"- {words}: FAILED, {type(error).__name__} {error}")
        return False
    print(f"- {words}: works. {said}")
    return True


def send(provider: providers.Provider, sender: str, recipient: str) -> str:
    """Send the test email; return what was said about its recipient."""
    result = provider.send(prepare(letter(sender, recipient), sender, [recipient]))
    (one,) = result.recipients
    if one.status != "accepted":
        raise Unsupported("unsupported", f"{one.status}: {one.reason}")
    return f"Its name there: {result.provider_message_id or one.provider_id}"


def main(arguments: list[str]) -> int:
    """Try what the arguments say; return 0 if all of it worked."""
    first = argparse.ArgumentParser(add_help=False)
    first.add_argument("--module")
    module = first.parse_known_args(arguments)[0].module
    if module:
        importlib.import_module(module)
    parser = argparse.ArgumentParser(prog="python3 setup try-provider")
    parser.add_argument("code", choices=[c for c in providers.codes() if c != "smtp"])
    parser.add_argument("--module", help="imported first: a provider of your own")
    parser.add_argument("--sender", required=True, help="an address that may send")
    parser.add_argument("--recipient", required=True, help="an address you can read")
    parser.add_argument("--event", type=Path, help="the body of a webhook's call")
    options = parser.parse_args(arguments)
    kind = providers.get(options.code)
    values = ask(kind)
    with kind.open(values) as provider:
        worked = step("The keys", provider.check)
        to = (provider, options.sender, options.recipient)
        worked &= step("Sending", lambda: send(*to))
    if options.event:
        raw = options.event.read_bytes()
        worked &= step("Reading events", lambda: f"{kind.parse_events(raw)}")
    print(
        "Now look at the email: both texts, the attachment's name, Reply-To, and that "
        "it was signed for your domain."
    )
    return 0 if worked else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
