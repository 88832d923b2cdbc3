from urllib.parse import urlencode

from odoo import api, models
from odoo.exceptions import UserError

from ...mailcore.read.fields import stored_forms
from ..mailbox.arguments import checked, texts
from ..mailbox.reader import composed_once

#: Message-IDs of one call.
MAX_MESSAGE_IDS = 100
#: Emails with one Message-ID that are told of: more are forgeries.
MAX_COPIES = 20


class MailMailboxMessage(models.Model):
    """Emails by their Message-ID, by which mail programs and other systems know them.

    Anybody can write any Message-ID, so several emails may have the same one: each is
    told of to who may read it, and none is taken for the one that was meant.
    """

    _inherit = "mail.mailbox.message"

    @api.model
    def _find_by_message_ids(self, written):
        """Return a dict: what was written → the emails that the user may read.

        :param written: Message-IDs, with or without their angle brackets
        """
        forms = {one: stored_forms(one) for one in written}
        wanted = [form for some in forms.values() for form in some]
        found = self.browse()
        if wanted and self.has_access("read"):
            domain = [("message_id", "in", wanted)]
            # the oldest first: a copy can only come after what it copies
            found = self.search_fetch(domain, ["message_id"], order="id")
        none, by_form = self.browse(), found.grouped("message_id")
        return {
            one: none.union(*(by_form.get(form, none) for form in some))
            for one, some in forms.items()
        }

    @api.model
    @api.readonly
    @checked(message_ids=texts)
    def find_attached(self, message_ids):
        """Return by Message-ID, of at most 100, which records emails are attached to.

        Of no email, and of one that the user may not read, the same is told: nothing.

        :param message_ids: each with or without its angle brackets
        :return: list in the same order: dicts of ``message_id`` as it was handed in and
            ``emails``, the oldest 20 at most, dicts of ``id`` and ``records``; each
            record with its ``name``, ``res_model``, ``res_id`` and ``path``, its
            address on this server, "" for one that was deleted. Texts are to be escaped
            by who shows them.
        """
        if len(message_ids) > MAX_MESSAGE_IDS:
            raise UserError(
                self.env._("Ask about at most %s emails at a time.", MAX_MESSAGE_IDS)
            )
        with composed_once(self.env):
            found = {
                one: emails[:MAX_COPIES]
                for one, emails in self._find_by_message_ids(message_ids).items()
            }
            # computed for all of them at once
            self.browse().union(*found.values()).mapped("attached_records")
            return [
                {
                    "message_id": one,
                    "emails": [
                        {"id": email.id, "records": email._get_addressed_records()}
                        for email in found[one]
                    ],
                }
                for one in message_ids
            ]

    def _get_addressed_records(self):
        """Return the records of “Email attached to”, each with its address."""
        self.ensure_one()
        return [
            {
                "name": one["name"],
                "res_model": one["res_model"],
                "res_id": one["res_id"],
                "path": "" if one["gone"] else _get_path(one),
            }
            for one in self.attached_records or []
        ]


def _get_path(record):
    """Return where Odoo opens a record, of whichever company of the user's."""
    return "/mail/view?" + urlencode(
        {"model": record["res_model"], "res_id": record["res_id"]}
    )
