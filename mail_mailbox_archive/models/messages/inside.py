import hashlib

from odoo import api, fields, models
from odoo.tools import SQL, format_date, formatLang

from ...mailcore.inside.invoice import restore
from ...mailcore.inside.kinds import MAX_SIZE, kind_of

#: Where it is said that nothing is read inside of attachments.
OFF = "mail_mailbox_archive.attachments_off"


class MailMailboxInside(models.Model):
    """What is inside of an attachment: its words, and the invoice that it is.

    One row for all attachments of the same bytes, so that what a hundred emails carry
    is read once. It is nobody's to read: who may read an email finds it by these words
    and is shown the invoice, through the email. A row goes with its last attachment.
    """

    _name = "mail.mailbox.inside"
    _inherit = "mail.mailbox.guarded"
    _of_the_system = True
    _written_by_system = True
    _description = "Inside of an Attachment"
    _log_access = False

    checksum = fields.Char(required=True, help="SHA-256 of the bytes, or of nothing.")
    words = fields.Text(groups=fields.NO_ACCESS)
    invoice = fields.Json(groups=fields.NO_ACCESS)
    error_code = fields.Char(help="Why it could not be read.")

    _checksum_uniq = models.UniqueIndex("(checksum)")
    _words_idx = models.Index("USING gin (to_tsvector('simple', words))")
    _error_idx = models.Index("(id) WHERE error_code IS NOT NULL")

    @api.model
    def _is_on(self):
        """Return whether attachments are read at all."""
        # sudo: a setting of the system, not a secret
        return not self.env["ir.config_parameter"].sudo().get_param(OFF)

    @api.model
    def _store(self, checksum, values):
        """Keep what was read of an attachment, once; return its row.

        :param values: ``words``, ``invoice`` and ``error_code``, as far as there are
        """
        words = values.get("words") or None
        invoice = fields.Json().convert_to_column(values.get("invoice"), self)
        rows = self.env.execute_query(
            SQL(
                "INSERT INTO mail_mailbox_inside (checksum, words, invoice, error_code)"
                " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
                checksum,
                words,
                invoice,
                values.get("error_code") or None,
            )
        )
        if not rows:
            return self._find(checksum)
        self._note_space(len((words or "").encode()))
        return self.browse(rows[0][0])

    @api.model
    def _find(self, checksum):
        return self.search([("checksum", "=", checksum)], limit=1)

    @api.model
    def _note_space(self, size):
        # stored once, and that is what it would take otherwise, too
        self.env["mail.mailbox.space"]._note([(None, size, size, 0)])

    @api.model
    def _remove_unused(self, ids=None):
        """Remove what no attachment has any more.

        :param ids: of the rows that are asked about; None for all
        """
        among = SQL("") if ids is None else SQL("AND id = ANY(%s)", list(ids))
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "DELETE FROM mail_mailbox_inside AS inside WHERE NOT EXISTS (SELECT"
                " FROM mail_mailbox_part WHERE inside_id = inside.id) %s"
                " RETURNING octet_length(words)",
                among,
            )
        )
        self._note_space(-sum(size or 0 for (size,) in rows))

    @api.autovacuum
    def _remove_left_over(self):
        # two who remove the last two attachments at once each see the other's
        self._remove_unused()

    @api.model
    def _count(self):
        """Return how many attachments wait, and how many could not be read."""
        query = SQL(
            "SELECT (SELECT count(*) FROM mail_mailbox_part WHERE inside_id IS NULL AND"
            " inside_kind IS NOT NULL), (SELECT count(*) FROM mail_mailbox_inside"
            " WHERE error_code IS NOT NULL)"
        )
        return self.env.execute_query(query)[0]

    @api.model
    def _read_again(self):
        """Have every attachment read again that is to be read."""
        self.env.cr.execute("UPDATE mail_mailbox_part SET inside_id = NULL")
        self.env.invalidate_all()
        self._remove_unused()
        self._wake()

    @api.model
    def _wake(self):
        if self._is_on():
            cron = self.env.ref("mail_mailbox_archive.ir_cron_inside", False)
            # sudo: the action of the system is woken, by whoever brought an attachment
            cron and cron.sudo()._trigger()


class MailMailboxPart(models.Model):
    """Whether an attachment is to be read inside, and what was found there."""

    _inherit = "mail.mailbox.part"

    inside_kind = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    inside_id = fields.Many2one(
        "mail.mailbox.inside",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        groups=fields.NO_ACCESS,
    )

    _to_be_read_idx = models.Index(
        "(id) WHERE inside_id IS NULL AND inside_kind IS NOT NULL"
    )

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(
            [vals | {"inside_kind": _kind_of(vals)} for vals in vals_list]
        )
        # sudo: the system's own note, see the field
        if any(part.inside_kind for part in parts.sudo()):
            self.env["mail.mailbox.inside"]._wake()
        return parts

    def unlink(self):
        # sudo: what nobody has any more goes, whoever may see it
        inside = self.sudo().inside_id
        result = super().unlink()
        if inside:
            inside._remove_unused(inside.ids)
        return result

    def _get_invoices(self):
        """Return id → the :class:`.invoice.Invoice` of those attachments that are one.

        :raises AccessError: the user may not read an email of these
        """
        self.check_access("read")
        # sudo: of attachments that the user may read, checked just now
        read = {part.id: restore(part.inside_id.invoice) for part in self.sudo()}
        return {number: invoice for number, invoice in read.items() if invoice}

    @api.model
    def _describe_invoice(self, invoice):
        """Return what is said of an invoice, in the language of the user."""
        said = [
            self.env._("Credit note %s", invoice.number)
            if invoice.kind == "credit_note"
            else self.env._("Invoice %s", invoice.number)
        ]
        if invoice.total:
            said.append(self._describe_amount(invoice.total, invoice.currency))
        if invoice.payable:
            payable = self._describe_amount(invoice.payable, invoice.currency)
            said.append(self.env._("%s to pay", payable))
        if invoice.due:
            due = format_date(self.env, invoice.due, date_format="medium")
            said.append(self.env._("due %s", due))
        return ", ".join(said)

    @api.model
    def _describe_amount(self, amount, currency):
        # as many decimals as it has: some currencies have three
        decimals = len(amount.partition(".")[2].rstrip("0"))
        shown = formatLang(self.env, float(amount), digits=max(2, decimals))
        return f"{shown} {currency}".strip()


class MailMailboxMessage(models.Model):
    _inherit = "mail.mailbox.message"

    def unlink(self):
        # the database removes attachments with their message
        # sudo: what nobody has any more goes, whoever may see it
        inside = self.sudo().part_ids.inside_id
        result = super().unlink()
        if inside:
            inside._remove_unused(inside.ids)
        return result

    def _get_part_data(self):
        data = super()._get_part_data()
        invoices = self.part_ids._get_invoices()
        describe = self.part_ids._describe_invoice
        said = {number: describe(invoice) for number, invoice in invoices.items()}
        # what is packed in an attachment is told under the same id
        return [
            one | {"invoice": "" if one["inner"] else said.get(one["id"], "")}
            for one in data
        ]


def _kind_of(vals):
    if (vals.get("size") or 0) > MAX_SIZE:
        return False
    return kind_of(vals.get("filename") or "", vals.get("mimetype") or "") or False


def checksum_of(content):
    """Return the name under which what is inside of these bytes is kept."""
    return hashlib.sha256(content).hexdigest()
