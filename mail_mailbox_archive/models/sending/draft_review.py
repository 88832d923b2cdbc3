from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..mailbox.arguments import checked, record_id, text
from ..mailbox.guarded import with_refused

ASKED, APPROVED = "asked", "approved"
#: Characters of what is said with a draft.
LONGEST = 2000
#: What decides who sees a draft, and what it quotes: its writer's alone to choose.
PLACE_FIELDS = {"mailbox_id", "origin_id", "res_model", "res_id"}
#: What an approval is about: another text is approved again.
APPROVED_FIELDS = {
    "mailbox_id",
    "address_id",
    "email_to",
    "email_cc",
    "email_bcc",
    "subject",
    "body",
    "plain",
    "plain_text",
    "attachment_ids",
}


class MailMailboxDraft(models.Model):
    """A draft that is handed to a colleague, who looks at it before it is sent.

    It is in one person's hands at a time: its writer's, or until that person gives it
    back, or its writer takes it back, the reviewer's. So nobody overwrites anybody.
    The reviewer sees it for as long as they read the mailbox that it is sent from.
    """

    _inherit = "mail.mailbox.draft"

    review = fields.Selection(
        [(ASKED, "In review"), (APPROVED, "Approved")],
        readonly=True,
        copy=False,
    )
    reviewer_id = fields.Many2one(
        "res.users",
        "Reviewer",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    review_note = fields.Text(readonly=True, copy=False)
    writer_id = fields.Many2one("res.users", "Written by", compute="_compute_writer_id")
    is_mine = fields.Boolean(compute="_compute_is_mine")
    in_my_hands = fields.Boolean(compute="_compute_is_mine")

    @api.depends("create_uid")
    def _compute_writer_id(self):
        for draft in self:
            draft.writer_id = draft.create_uid or self.env.user

    @api.depends_context("uid")
    @api.depends("create_uid", "review", "reviewer_id")
    def _compute_is_mine(self):
        for draft in self:
            mine = draft.writer_id == self.env.user
            handed = draft.review == ASKED
            draft.is_mine = mine
            draft.in_my_hands = not handed if mine else handed

    # Who reads and writes it

    @api.model
    def _get_own_domain(self, owner):
        readable = self.env["mail.mailbox"]._get_readable_domain()
        # any!: that one sees the mailbox itself is another matter
        handed = (
            Domain("review", "=", ASKED)
            & Domain("reviewer_id", "=", self.env.uid)
            & Domain("mailbox_id", "any!", readable)
        )
        return super()._get_own_domain(owner) | handed

    def _filtered_of_others(self):
        others = super()._filtered_of_others()
        return others.filtered(lambda one: not one._is_handed_to_me())

    def _is_handed_to_me(self):
        # sudo: whose it is, and of which mailbox
        draft = self.sudo()
        return (
            draft.review == ASKED
            and draft.reviewer_id == self.env.user
            and self.env.user in draft.mailbox_id._get_readers()
        )

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or operation == "read":
            return result
        away = self.filtered(lambda one: one.id and one._is_away(operation))
        return with_refused(result, away, away._refuse_away)

    def _is_away(self, operation):
        # sudo: in whose hands it is
        draft = self.sudo()
        if draft.create_uid == self.env.user:
            return draft.review == ASKED
        # changed and sent by the reviewer, removed by its writer
        return operation == "unlink"

    def _refuse_away(self):
        return AccessError(
            self.env._(
                "This draft is in review. Its author can take it back, and only its "
                "author can discard it."
            )
        )

    def write(self, vals):
        if vals.keys() & PLACE_FIELDS and not self.env.su:
            self.exists()._check_mine()
        result = super().write(vals)
        # what is written in review is approved by who writes it
        if vals.keys() & APPROVED_FIELDS and not self.env.su:
            # sudo: the system's field
            self.sudo().filtered(lambda one: one.review == APPROVED).review = False
        return result

    # What a person does

    @checked(one=True)
    def get_review_people(self):
        """Return whom it can be handed to: dicts of ``id`` and ``name``."""
        people = self._get_review_people().sorted("name")
        return [{"id": person.id, "name": person.name} for person in people]

    def _get_review_people(self):
        """Return the users who read the mailbox, and the email that is answered."""
        self.check_access("read")
        # sudo: who reads a mailbox is shown to who may send from it
        mailbox, origin = self.sudo().mailbox_id, self.origin_id
        if not mailbox._names_readers():
            return self.env["res.users"]
        people = mailbox._get_readers() - self.env.user
        # sudo: whether it came to that mailbox, where they read it
        if not origin or mailbox in origin.sudo().arrival_ids.mailbox_id:
            return people
        return people.filtered(
            lambda one: origin.with_user(one).sudo(False).has_access("read")
        )

    @checked(one=True, user_id=record_id, note=text)
    def action_hand_over(self, user_id, note=""):
        """Ask somebody to look at it; until they give it back, only they change it.

        :raises UserError: that person may not read the mailbox, or what is answered
        """
        self._check_mine()
        self.check_access("write")
        person = self.env["res.users"].browse(user_id or ())
        if not person or person - self._get_review_people():
            raise UserError(
                self.env._(
                    "A draft can be handed only to somebody who may read its mailbox "
                    "and the email that it replies to."
                )
            )
        files = self._get_own_attachments()
        # sudo: from now on they are read as the draft is
        files.sudo().write({"res_id": self.id})
        self._set_review(ASKED, person, note)
        self._tell_of_review(
            person,
            lambda env: env._("%s asks you to look at a draft", self.env.user.name),
        )
        return True

    @checked(one=True)
    def action_approve(self):
        """Give it back to its writer, who may send it as it is."""
        self._check_reviewer()
        self._set_review(APPROVED, self.env.user)
        self._tell_of_review(
            self.writer_id,
            lambda env: env._("%s approved your draft", self.env.user.name),
        )
        return True

    @checked(one=True, note=text)
    def action_give_back(self, note=""):
        """Give it back to its writer, not approved."""
        self._check_reviewer()
        writer = self.writer_id
        self._set_review(False, self.env.user, note)
        self._tell_of_review(
            writer,
            lambda env: env._("%s gave your draft back", self.env.user.name),
        )
        return True

    @checked(one=True)
    def action_take_back(self):
        """Have it in one's own hands again, whatever the reviewer does with it."""
        self._check_mine()
        self._set_review(False, self.env["res.users"])
        return True

    def _check_mine(self):
        self.check_access("read")
        if self.writer_id - self.env.user:
            raise AccessError(self.env._("Only its author can do that with a draft."))

    def _check_reviewer(self):
        self.check_access("write")
        if self.writer_id == self.env.user:
            raise AccessError(self.env._("Only its reviewer can do that with a draft."))

    def _set_review(self, review, person, note=""):
        self.check_access("read")
        note = note.strip()
        if len(note) > LONGEST:
            raise UserError(self.env._("A note has at most %s characters.", LONGEST))
        # sudo: the system's fields, of who was found to have the draft
        self.sudo().write(
            {"review": review, "reviewer_id": person.id, "review_note": note or False}
        )

    def _tell_of_review(self, person, say):
        """Notify somebody: no word of the email, nor of what was said with it."""
        env = self.with_context(lang=person.lang).env
        link = Markup('<a href="/odoo/email-drafts">%s</a>') % env._("Open the drafts")
        self.env["mail.mailbox"]._tell_people(person, say(env), link)
