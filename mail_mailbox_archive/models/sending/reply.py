"""Answering, forwarding and sending on: a message becomes a draft."""

import logging

from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError

from ...mailcore.read.message import read_part
from ..mailbox.arguments import checked, one_of, record_id

_logger = logging.getLogger(__name__)

#: How a message can be answered.
MODE = one_of("reply", "reply_all", "forward")


class MailMailboxArrival(models.Model):
    """A new mail is begun from the Queue."""

    _inherit = "mail.mailbox.arrival"

    def action_write(self):
        """Start a new mail and open it."""
        return self.env["mail.mailbox.draft"].action_new()


class MailMailboxMessage(models.Model):
    """Answering a message, from the Queue, the Archive or a record's tab."""

    _inherit = "mail.mailbox.message"

    @checked(one=True, mode=MODE, mailbox_id=record_id)
    def prepare_compose(self, mode, mailbox_id=False):
        """Start a mail that answers or forwards this one; return the draft's id.

        For the web client: ``orm.call("mail.mailbox.message", "prepare_compose",
        [[id], "reply"])``, then open ``mail.mailbox.draft`` with that id, or let
        ``action_compose`` return the action. The draft holds recipients, subject, the
        sanitised quote, on forward the attachments, and the mailbox that received the
        message where the user may send from it.

        :param mode: ``reply``, ``reply_all`` or ``forward``
        :param mailbox_id: in whose Queue the user is, when known
        :raises AccessError: the user may not read the message
        :raises UserError: there is no mailbox the user may send from
        """
        return self._prepare_compose(mode, mailbox_id).id

    def action_write(self):
        """Start a new mail and open it."""
        return self.env["mail.mailbox.draft"].action_new()

    @checked(one=True, mode=MODE, mailbox_id=record_id)
    def action_compose(self, mode="reply", mailbox_id=False):
        """Start an answer and open it."""
        return self._prepare_compose(mode, mailbox_id)._open_fresh()

    def _prepare_compose(self, mode, mailbox_id=False):
        self.ensure_one()
        self.check_access("read")
        forward = mode == "forward"
        mailbox = self._choose_mailbox(mailbox_id)
        to = cc = ""
        if not forward:
            to, cc = self._get_answer_people(mailbox, mode == "reply_all")
        quote = self._get_quote(forward)
        drafts = self.env["mail.mailbox.draft"]
        draft = drafts.create(
            {
                "mode": mode,
                "mailbox_id": mailbox.id,
                "address_id": self._find_written_to(mailbox).id,
                "origin_id": self.id,
                "email_to": to,
                "email_cc": cc,
                "subject": self._get_answer_subject(forward),
                "body": Markup("<p><br></p>") + quote,
            }
        )
        if forward:
            draft.attachment_ids = self._copy_attachments(draft, quote)
        return draft

    def _choose_mailbox(self, mailbox_id=False):
        """Return the mailbox to answer from: the one that has it, if one may."""
        mailboxes = self.env["mail.mailbox"]
        domain = mailboxes._get_sendable_domain()
        # sudo: of where it arrived, only those are taken that the user may send from
        ids = [mailbox_id, *self.sudo().arrival_ids.mailbox_id.ids]
        sendable = mailboxes.search([*domain, ("id", "in", ids)])
        mailbox = sendable.filtered(lambda m: m.id == mailbox_id) or sendable[:1]
        drafts = self.env["mail.mailbox.draft"]
        mailbox = mailbox or drafts._get_default_mailbox()
        if not mailbox:
            raise UserError(drafts._get_no_mailbox_sentence())
        return mailbox

    def _copy_attachments(self, draft, quote):
        """Return attachments of ``draft``: the parts that ``quote`` does not show."""
        source, parts = self._read_source(), self._get_left_out(quote)
        return (
            self.env["ir.attachment"]
            .with_context(image_no_postprocess=True, attachments_mime_plainxml=True)
            .create(
                [
                    {
                        "name": part.filename or "attachment",
                        "raw": read_part(source, part.path).content,
                        "mimetype": part.mimetype,
                        "res_model": draft._name,
                        "res_id": draft.id,
                    }
                    for part in parts
                ]
            )
        )

    def _get_archive_records(self):
        """Return the records that this message is archived to and the user may open."""
        self.ensure_one()
        links = self.env["mail.mailbox.link"].search(
            [("mailbox_message_id", "=", self.id)], order="id"
        )
        return [record for link in links if (record := link._get_record())]

    def _archive_entry(self, entry):
        """Archive this sent message where the one it answers is, for the same roles.

        :param entry: ``Entry``, with what it answers and where it was written
        """
        # only what the person who sent it may open counts
        env = self.with_user(entry.user_id or self.env.uid).env
        draft = env["mail.mailbox.draft"].new(
            {
                "origin_id": entry.origin_id,
                "res_model": entry.res_model,
                "res_id": entry.res_id,
            }
        )
        origin = self.browse(entry.origin_id)
        mailbox = self.env["mail.mailbox"].browse(entry.mailbox_id)
        bond = origin._get_private_bond()
        bond = bond[:1] if bond and mailbox not in bond else None
        try:
            with self.env.cr.savepoint():
                for record in draft._get_records():
                    # sudo: who sent it need not have the mailbox's Queue; the record
                    # and the links were found as that person
                    self.with_env(env).sudo()._archive(
                        record, roles=origin.role_ids, mailbox=mailbox, bond=bond
                    )
        except UserError as refusal:
            # it has left; that it cannot be archived is no reason to send it again
            _logger.info("Message %s was sent, not archived: %s", self.id, refusal)
