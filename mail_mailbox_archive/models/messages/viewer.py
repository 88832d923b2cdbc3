import re
from base64 import b64encode
from binascii import Error as BinasciiError
from datetime import timedelta

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import consteq
from odoo.tools.misc import hash_sign, verify_hash_signed

from ...mailcore.addresses.address import normalise, parse_addresses
from ...mailcore.errors import MailCoreError
from ...mailcore.read.body import read_body
from ...mailcore.read.message import read_parts
from ...mailcore.view.html import Rules, view_pieces, view_text
from ..mailbox.arguments import checked

#: How long a body may be fetched with its token.
TOKEN_LIFE = timedelta(minutes=15)
TOKEN_SCOPE = "mail_mailbox_archive.body"
#: Bytes of inline pictures that are put into the body itself.
MAX_EMBEDDED = 16 * 1024 * 1024
# Subjects of mails whose quoted part is what they are about.
_FORWARDED = re.compile(r"\s*(?:fwd?|pd|wg|tr|rv|vl|enc|doorst)\s*:", re.I)


class MailMailboxMessage(models.Model):
    """The body of a message as the viewer's frame shows it."""

    _inherit = "mail.mailbox.message"

    @checked(one=True, always=bool)
    def allow_images(self, always=False):
        """Load the external images of this message for the user.

        :param always: those of every other message of its sender, too
        """
        self.check_access("read")
        self.env["mail.mailbox.image.consent"]._give(self, always)
        return self.get_view_data()

    def forbid_images(self):
        """Stop loading external images of this message and its sender."""
        self.ensure_one()
        self.check_access("read")
        self.env["mail.mailbox.image.consent"]._find(self).unlink()
        return self.get_view_data()

    def _shows_images(self):
        """Return whether external images of this message load for the user."""
        self.ensure_one()
        return bool(self.env["mail.mailbox.image.consent"]._find(self))

    def _get_sender(self):
        """Return the address in From in the form it is compared in, or ""."""
        self.ensure_one()
        addresses = parse_addresses(self.email_from or "")
        return normalise(addresses[0].addr_spec) if addresses else ""

    def _view_body(self, own_hosts, embed=False):
        """Return this message's body for the frame, see :mod:`..mailcore.html`.

        :param own_hosts: names under which this server is reached
        :param embed: inline pictures go into the body itself, for a frame without a
            session, which could not load them
        """
        self.ensure_one()
        address = {
            part.path: f"/mail_mailbox_archive/part/{part.id}" for part in self.part_ids
        }
        return self._view_source(
            self._read_source(),
            None if embed else address.get,
            own_hosts=frozenset(own_hosts),
            remote=self._shows_images(),
        )

    def _view_source(self, source, address, **values):
        """Return the body of ``source`` for the frame.

        :param address: returns the URL of the part at a path; None puts the pictures
            that are shown into the body itself
        """
        try:
            body = read_body(source)
        except MailCoreError:
            return view_text(self.preview or "", self._get_body_rules())
        if address:
            urls = {path: address(path) for path in body.pictures}
        else:
            urls = embed_pictures(source, body, MAX_EMBEDDED)
        inline = {
            name: urls[path] for name, path in body.references.items() if urls.get(path)
        }
        rules = self._get_body_rules(inline=inline, pictures=urls, **values)
        return view_pieces(body.pieces, rules)

    def _get_body_rules(self, **values):
        return Rules(
            fold=not _FORWARDED.match(self.subject or ""),
            quoted=self.env._("Quoted text"),
            leads_to=self.env._("leads to"),
            **values,
        )

    # Frames without a session

    def _get_body_token(self):
        """Return a token to fetch the body with, for a browser without cookie.

        It lives a quarter of an hour, and ends with the user's sessions: by a new
        password or their leaving.
        """
        self.ensure_one()
        self.check_access("read")
        values = [self.env.uid, self._get_session_key(), self.id]
        # sudo: signed with the database's secret
        return hash_sign(self.env(su=True), TOKEN_SCOPE, values, expiration=TOKEN_LIFE)

    @api.model
    def _find_by_body_token(self, message_id, token):
        """Return the message that ``token`` was made for, as its user.

        :raises AccessError: the token is not one for this message, or not any more
        """
        try:
            # sudo: checked with the database's secret
            values = verify_hash_signed(self.env(su=True), TOKEN_SCOPE, token)
        except (ValueError, BinasciiError):
            values = None
        if values:
            user_id, key, found_id = values
            context = self.env["res.users"].with_user(user_id).context_get()
            message = self.with_user(user_id).with_context(**context).browse(found_id)
            if found_id == message_id and consteq(
                key, message._get_session_key() or ""
            ):
                message.check_access("read")
                return message
        raise AccessError(self.env._("This address is no longer valid."))

    @api.model
    def _get_session_key(self):
        # sudo: made of the user's secrets, of which nothing can be read back
        user = self.env.user.sudo()
        return user.active and user._compute_session_token(TOKEN_SCOPE)


def embed_pictures(source, body, limit):
    """Return path → ``data:`` address of the pictures that a body shows.

    :param limit: bytes of all of them
    """
    urls = {}
    shown = [path for path in body.pictures if path in body.shown]
    for path, one in zip(shown, read_parts(source, shown), strict=True):
        if len(one.content) <= limit:
            limit -= len(one.content)
            content = b64encode(one.content).decode()
            urls[path] = f"data:{body.pictures[path]};base64,{content}"
    return urls
