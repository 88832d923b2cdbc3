from lxml import html

from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailcore.addresses.address import normalise, parse_addresses
from ...mailcore.errors import MailCoreError
from ...mailcore.read.message import read_part

#: In a draft, what was taken over from the mail that it answers.
QUOTED = (
    "//*[contains(concat(' ', @class, ' '), ' o-mailbox-quote ')"
    " or contains(concat(' ', @class, ' '), ' o-mailbox-attribution ')]"
)
#: What somebody writes, or wrote, in answer to a message.
ANSWERS = ("mail.mailbox.draft", "mail.mailbox.outbox")
#: Whether a message is still to reach some of its recipients: `message` is a row.
ON_ITS_WAY = SQL(
    "EXISTS (SELECT FROM mail_mailbox_outbox AS way"
    " WHERE way.mailbox_message_id = message.id"
    " AND way.state IN ('scheduled', 'waiting', 'sending'))"
)
_ANSWERED = SQL(
    "(EXISTS (SELECT FROM mail_mailbox_draft WHERE origin_id = message.id)"
    " OR EXISTS (SELECT FROM mail_mailbox_outbox WHERE origin_id = message.id))"
)
_COPIED = SQL(
    """
    (%s OR EXISTS (SELECT FROM mail_mailbox_autoresponder_journal
                    WHERE mailbox_message_id = message.id)
     OR EXISTS (SELECT FROM mail_mailbox_outbox WHERE mailbox_message_id = message.id)
     OR message.message_id <> '' AND (
        EXISTS (SELECT FROM mail_mailbox_outbox WHERE message_id = message.message_id)
        OR EXISTS (SELECT FROM mail_message WHERE message_id = message.message_id)
        OR EXISTS (SELECT FROM mail_mailbox_dispatch WHERE entry IS NOT NULL
                   AND entry::jsonb ->> 'message_id' = message.message_id)))
    """,
    _ANSWERED,
)


class MailMailboxMessage(models.Model):
    """What was copied from a message: into drafts, outbox, chatter, journals.

    It goes with the message, whether a person erases that or a rule removes it. Chatter
    is of its record: only who erases on request, and a rule for archived mail, change
    it. Files that somebody saved on a record are that record's.
    """

    _inherit = "mail.mailbox.message"

    def _find_copies(self):
        """Return id → checksums of its attachments, of what was taken over from.

        Nothing is locked for it, and for most messages nothing else is to be done.
        """
        for name in (*ANSWERS, "mail.message", "mail.mailbox.autoresponder.journal"):
            self.env[name].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM mail_mailbox_message AS message"
                " WHERE id = ANY(%s) AND %s",
                _ANSWERED,
                self.ids,
                _COPIED,
            )
        )
        return {
            one: self.browse(one)._get_checksums() if answered else set()
            for one, answered in rows
        }

    def _erase_copies(self, copies, chatter=True):
        """Erase what was copied from these messages.

        :param copies: of :meth:`_find_copies`
        :param chatter: whether lines of chatter that are the message go as well
        """
        # sudo: traces are found wherever they are, whoever may see them
        for message in self.sudo().filtered(lambda message: message.id in copies):
            message._erase_in_answers(copies[message.id])
            message._erase_in_journals()
            if chatter:
                message._erase_in_chatter()

    def _check_not_on_its_way(self):
        """Refuse to erase what a worker is sending.

        :raises UserError: some recipients are still to get it
        """
        self.env["mail.mailbox.outbox"].flush_model()
        query = SQL(
            "SELECT FROM mail_mailbox_message AS message WHERE id = ANY(%s) AND %s",
            self.ids,
            ON_ITS_WAY,
        )
        if self.env.execute_query(query):
            raise UserError(
                self.env._(
                    "This email is still on its way to some recipients. Cancel that "
                    "in the outbox first."
                )
            )

    def _erase_in_answers(self, checksums):
        for name in ANSWERS:
            for row in self.env[name].search([("origin_id", "=", self.id)]):
                files = row.attachment_ids
                files = files.filtered(lambda file: file.checksum in checksums)
                row.write(
                    {
                        "body": _without_quotes(row.body or "", files.ids),
                        "plain_text": _without_quoted_lines(row.plain_text),
                        "subject": _without_words(row.subject, self.subject),
                    }
                )
                files.unlink()

    def _erase_in_journals(self):
        journal = self.env["mail.mailbox.autoresponder.journal"]
        journal.search([("mailbox_message_id", "=", self.id)]).unlink()
        self._find_outbox().unlink()
        if self.message_id:
            self.env.cr.execute(
                SQL(
                    "DELETE FROM mail_mailbox_dispatch WHERE entry IS NOT NULL"
                    " AND entry::jsonb ->> 'message_id' = %s"
                    " AND (entry::jsonb ->> 'mailbox_id')::int = ANY(%s)",
                    self.message_id,
                    self._get_reached_mailboxes().ids,
                )
            )

    def _is_erased_for_all(self):
        """Return whether the eraser may reach what belongs to others.

        A mail that looks like another, by Message-ID, sender and subject, is quickly
        made and put into a mailbox. What is found by them alone goes only as far as the
        rights of the person behind the environment, also under ``sudo``.
        """
        return self.env.uid == SUPERUSER_ID or self.env["mail.mailbox"]._is_manager()

    def _get_reached_mailboxes(self):
        """Return the mailboxes whose journals may hold what looks like this message."""
        # sudo: which they are does not depend on seeing them
        mailboxes = self.env["mail.mailbox"].sudo().with_context(active_test=False)
        domain = Domain("user_ids", "in", self.env.uid)
        if self._is_erased_for_all():
            domain |= Domain("private", "=", False)
        if self.env.uid == SUPERUSER_ID:
            domain = Domain.TRUE
        return mailboxes.search(domain)

    def _find_outbox(self):
        """Return the rows of the outbox that this message is the copy of."""
        rows = self.env["mail.mailbox.outbox"]
        found = rows.search([("mailbox_message_id", "=", self.id)])
        if self.message_id:
            reached = self._get_reached_mailboxes().ids
            looks = [("message_id", "=", self.message_id)]
            same = rows.search([*looks, ("mailbox_id", "in", reached)])
            found |= same.filtered(
                lambda row: row.state not in ("scheduled", "waiting", "sending")
                and self._is_same(row.mailbox_id.email, row.subject)
            )
        return found

    def _erase_in_chatter(self):
        lines = self._find_chatter()
        self._find_files_of(lines).unlink()
        lines.write({"body": "", "subject": False, "email_from": False})
        mails = self.env["mail.mail"].search([("mail_message_id", "in", lines.ids)])
        mails.body_html = False
        mails.filtered(lambda mail: mail.state != "sent").state = "cancel"

    def _find_files_of(self, lines):
        """Return the files of lines of chatter that are nobody else's.

        What other lines show as well stays, and so does the document of a field, as of
        an invoice that was sent: it belongs to its record.
        """
        # sudo: also lines that one may not see show files
        others = lines.sudo().search(
            [
                ("attachment_ids", "in", lines.attachment_ids.ids),
                ("id", "not in", lines.ids),
            ]
        )
        files = lines.attachment_ids - others.attachment_ids.sudo(self.env.su)
        return files.filtered(lambda file: not file.res_field)

    def _find_chatter(self):
        """Return the lines of chatter that are this message: not by its id alone."""
        lines = self.env["mail.message"]
        if not self.message_id:
            return lines
        candidates = lines.search([("message_id", "=", self.message_id)])
        same = candidates.filtered(
            lambda line: self._is_same(line.email_from, line.subject)
        )
        if self._is_erased_for_all():
            return same
        return same.sudo(False)._filtered_access("write").sudo(self.env.su)

    def _is_same(self, email_from, subject):
        """Return whether a copy with this message's Message-ID is the same email."""
        sender = self._get_sender()
        senders = {
            normalise(one.addr_spec) for one in parse_addresses(email_from or "")
        }
        return sender in senders and (subject or self.subject) == self.subject

    def _get_checksums(self):
        """Return the checksums of the attachments of a message."""
        source, files = self._read_source(), self.env["ir.attachment"]
        checksums = set()
        for part in self.part_ids:
            try:
                content = read_part(source, part.path).content
            except MailCoreError:
                continue
            checksums.add(files._compute_checksum(content))
        return checksums


def _without_words(text, words):
    return False if words and words in (text or "") else text


def _without_quoted_lines(text):
    lines = (text or "").split("\n")
    return "\n".join(line for line in lines if not line.startswith(">"))


def _without_quotes(body, picture_ids):
    """Return what somebody wrote, without quotes and images of a message."""
    if "o-mailbox-" not in body and "/web/image/" not in body:
        return body
    tree = html.fragment_fromstring(body, create_parent="div")
    shown = {f"/web/image/{one}" for one in picture_ids}
    images = [image for image in tree.xpath("//img") if image.get("src") in shown]
    for element in [*images, *tree.xpath(QUOTED)]:
        element.drop_tree()
    return html.tostring(tree, encoding="unicode")
