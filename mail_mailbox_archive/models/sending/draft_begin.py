from odoo import api, models
from odoo.exceptions import UserError

from ..mailbox.arguments import checked, one_of, record_id, text, values_by_name
from .draft import MODES

#: How a mail can begin.
MODE = one_of(*(word for word, _name in MODES))


class MailMailboxDraft(models.Model):
    """Beginning a mail: from which mailbox, to whom, and what its form shows."""

    _inherit = "mail.mailbox.draft"

    @api.model
    def _get_default_mailbox(self, preferred=False):
        """Return the mailbox to write from, empty when the user may send from none.

        :param preferred: id of the one that the user looks at; then the one last sent
            from counts, then any of the user's own
        """
        mailboxes = self.env["mail.mailbox"]
        domain = mailboxes._get_sendable_domain()
        last = self.env["mail.mailbox.outbox"].search(
            [("user_id", "=", self.env.uid)], order="id desc", limit=1
        )
        wanted = [one for one in (preferred, last.mailbox_id.id) if one]
        found = mailboxes.search([*domain, ("id", "in", wanted)]) if wanted else None
        if found:
            return found.sorted(lambda one: wanted.index(one.id))[:1]
        mine = [*domain, ("user_ids", "in", self.env.user.ids)]
        return mailboxes.search(mine, limit=1) or mailboxes.search(domain, limit=1)

    @api.model
    @checked(
        specification=values_by_name,
        mode=MODE,
        message_id=record_id,
        mailbox_id=record_id,
        res_model=text,
        res_id=record_id,
    )
    def begin(
        self,
        specification,
        mode="new",
        message_id=False,
        mailbox_id=False,
        res_model=False,
        res_id=False,
    ):
        """Begin a mail and return what its form shows of it, both in one call.

        :param specification: of what is shown, as ``web_read`` takes it
        :param mode: ``new``, or how ``message_id`` is answered
        :param mailbox_id: whose mail the user looks at, when known
        :param res_model: with ``res_id``, the record that a new mail is about
        :return: a list with the one dict of ``web_read``
        """
        if message_id:
            message = self.env["mail.mailbox.message"].browse(message_id)
            draft = message._prepare_compose(mode, mailbox_id)
        else:
            draft = self._begin_new(res_model, res_id, mailbox_id)
        return draft.web_read(specification)

    @api.model
    @checked(res_model=text, res_id=record_id, email_to=text, mailbox_id=record_id)
    def prepare_new(self, res_model=False, res_id=False, email_to="", mailbox_id=False):
        """Start a new mail, from a record's tab with that record; return its id."""
        values = {"res_id": res_id, "email_to": email_to}
        values["res_model"] = res_model or False
        if mailbox_id:
            values["mailbox_id"] = mailbox_id
        elif not self._get_default_mailbox():
            raise UserError(self._get_no_mailbox_sentence())
        return self.create(values).id

    @api.model
    def _get_no_mailbox_sentence(self):
        return self.env._(
            "There is no mailbox that you may send from. Set one up under "
            "Mail, Email mailboxes, or ask a mail administrator."
        )

    @api.model
    def _begin_new(self, res_model=False, res_id=False, mailbox_id=False):
        """Return a new mail; of a record, to whom that record is about.

        :param mailbox_id: to write from, where the user may send from it
        """
        email_to = ""
        if res_model and res_model in self.env and res_id:
            record = self.env[res_model].browse(res_id).exists()
            if record and record.has_access("read"):
                email_to = self._get_people_of(record)
        mailbox = self._get_default_mailbox(mailbox_id)
        if not mailbox:
            raise UserError(self._get_no_mailbox_sentence())
        return self.browse(self.prepare_new(res_model, res_id, email_to, mailbox.id))

    @api.model
    @checked(res_model=text, res_id=record_id)
    def action_new(self, res_model=False, res_id=False):
        """Start a new mail, of a record to whom that record is about; open it."""
        return self._begin_new(res_model, res_id)._open_fresh()

    @api.model
    def _get_people_of(self, record):
        """Return whom a record is about, as a header; as Odoo's own composer does."""
        defaults = record._message_get_default_recipients()[record.id]
        partners = self.env["res.partner"].browse(defaults.get("partner_ids"))
        people = partners.filtered("email_normalized").mapped("email_formatted")
        return ", ".join(people) or defaults.get("email_to") or ""

    def _open_fresh(self):
        """Open a draft that goes again if nobody writes on it."""
        return self._open_window(is_fresh=True)

    def _open_window(self, is_fresh=False):
        """Open this draft beside what the user reads: see ``compose_action.esm.js``."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "mail_mailbox_archive.compose",
            "res_model": self._name,
            "params": {"res_id": self.id, "mode": self.mode, "is_fresh": is_fresh},
        }

    def action_open(self):
        """Open the form of this draft, in a dialog."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": dict(self._fields["mode"]._description_selection(self.env))[
                self.mode
            ],
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }
