from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..mailbox.arguments import checked, record_ids, text

#: Characters of a note, and notes of a conversation that are shown.
LONGEST = 10_000
SHOWN = 200


class MailMailboxNote(models.Model):
    """What the users of a mailbox write to each other beside a conversation.

    It is read by who reads the mailbox, as the email itself is there; it is in no email
    and on no record, since nothing that sends, quotes or archives knows this model.
    """

    _name = "mail.mailbox.note"
    _inherit = "mail.mailbox.content"
    _description = "Note Beside an Email"
    _order = "id"
    _rec_name = "user_id"
    _written_by_system = True

    conversation_id = fields.Many2one(
        "mail.mailbox.conversation", required=True, ondelete="cascade", index=True
    )
    mailbox_id = fields.Many2one("mail.mailbox", required=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", "Written by", ondelete="set null")
    body = fields.Text("Note", required=True)

    @checked()
    def action_remove(self):
        """Remove notes of one's own."""
        self.check_access("read")
        if any(note.user_id != self.env.user for note in self):
            raise AccessError(self.env._("Only who wrote a note can remove it."))
        mailboxes = self.mailbox_id
        # sudo: removed by the system, for who wrote them
        self.sudo().unlink()
        mailboxes._notify_worked()
        return True

    def _get_note_data(self):
        """Return what is shown of these notes, whose texts are to be escaped."""
        return [
            {
                "id": note.id,
                "author": {"id": note.user_id.id, "name": note.user_id.name or ""},
                "body": note.body,
                "date": fields.Datetime.to_string(note.create_date),
                "own": note.user_id == self.env.user,
            }
            for note in self
        ]

    def _tell_mentioned(self, people, arrival):
        """Notify ``people`` that a note names them: no word of it, nor of the email."""
        mailboxes = self.env["mail.mailbox"]
        name = self.user_id.name

        def say(env):
            return env._("%s mentioned you in a note beside an email", name)

        for person in people - self.env.user:
            env = self.with_context(lang=person.lang).env
            link = Markup('<a href="/odoo/email-queue/%s">%s</a>') % (
                arrival.id,
                env._("Open the email"),
            )
            mailboxes._tell_people(person, say(env), link)
            mailboxes._push(person, say, arrival)


class MailMailboxArrival(models.Model):
    """The notes beside a line of the Queue."""

    _inherit = "mail.mailbox.arrival"

    @checked(one=True)
    def get_notes(self):
        """Return the notes beside this email's conversation in its mailbox."""
        self.check_access("read")
        notes = self.env["mail.mailbox.note"].search(
            [("conversation_id.arrival_ids", "in", self.ids)],
            order="id desc",
            limit=SHOWN,
        )
        return notes.sorted("id")._get_note_data()

    @checked(one=True, body=text, user_ids=record_ids)
    def action_add_note(self, body, user_ids=None):
        """Write a note beside this email's conversation.

        :param user_ids: people whom it mentions, who are notified
        :raises UserError: it is empty, too long, or mentions who may not read it
        """
        self._check_working()
        body = body.strip()
        if not 0 < len(body) <= LONGEST:
            raise UserError(
                self.env._("A note has between 1 and %s characters.", LONGEST)
            )
        people = self.env["res.users"].browse(user_ids or ())
        if people - self._get_team_people():
            raise UserError(
                self.env._("A note can mention only people who may read the mailbox.")
            )
        conversation = self._begin_conversations()
        # sudo: written by the system, in the name of who writes
        note = (
            self.env["mail.mailbox.note"]
            .sudo()
            .create(
                {
                    "conversation_id": conversation.id,
                    "mailbox_id": conversation.mailbox_id.id,
                    "user_id": self.env.uid,
                    "body": body,
                }
            )
        )
        note._tell_mentioned(people, self)
        conversation.mailbox_id._notify_worked()
        return True
