from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailcore.addresses import address
from ...mailcore.read import body
from ..mailbox.reader import refers_to


class MailMailboxMessage(models.Model):
    """A message, stored once, however many mailboxes, folders and records it is in.

    Its ``source`` (the RFC 5322 bytes) is the only copy of the content; the other
    fields are read out of it for lists and searches. Not ``mail.message``: that is a
    line of a record's chatter, this is a letter as it was sent.

    Who may read it is one rule, said in SQL by ``_search`` and asked again by
    ``_check_access``; parts and arrivals follow it.
    """

    _name = "mail.mailbox.message"
    _inherit = ["mail.mailbox.ruled", "mail.mailbox.source"]
    _description = "Email"
    _order = "date desc, id desc"
    _rec_name = "subject"

    subject = fields.Char(readonly=True)
    date = fields.Datetime(readonly=True, help="As the sender's Date header says.")
    email_from = fields.Char("From", readonly=True)
    email_to = fields.Text("To", readonly=True)
    email_cc = fields.Text("Cc", readonly=True)
    email_bcc = fields.Text("Bcc", readonly=True)
    email_reply_to = fields.Char("Reply-To", readonly=True)
    message_id = fields.Char("Message-ID", readonly=True, index="btree_not_null")
    in_reply_to = fields.Char("In-Reply-To", readonly=True)
    references = fields.Text(readonly=True)
    preview = fields.Char(readonly=True)
    size = fields.Integer("Size (bytes)", readonly=True)
    identity = fields.Char(required=True, readonly=True, copy=False)
    thread_key = fields.Char(readonly=True, index="btree_not_null")
    defects = fields.Text(readonly=True, help="Where the email breaks the rules.")
    oversize = fields.Boolean(
        readonly=True, help="Too big to be fetched: only its headers are stored."
    )
    # The folded words of the message for full-text search; never shown.
    search_text = fields.Text(groups=fields.NO_ACCESS, readonly=True, copy=False)
    body_text = fields.Text("Message", compute="_compute_body_text")
    part_ids = fields.One2many(
        "mail.mailbox.part", "mailbox_message_id", "Attachments", readonly=True
    )
    attachment_count = fields.Integer(readonly=True)
    arrival_ids = fields.One2many(
        "mail.mailbox.arrival", "mailbox_message_id", readonly=True
    )

    link_ids = fields.One2many("mail.mailbox.link", "mailbox_message_id", readonly=True)
    has_links = fields.Boolean(
        compute="_compute_has_links",
        store=True,
        precompute=True,
        # or Odoo drops the value of a new message, to compute it from a record
        readonly=False,
        # also a link to what one may not see counts, so it is nobody's to read
        groups=fields.NO_ACCESS,
        help="Makes the archive searchable without going through the Queue.",
    )
    archived = fields.Boolean(
        compute="_compute_archived",
        search="_search_archived",
        help="Attached to a record that you may open.",
    )
    role_ids = fields.Many2many(
        "res.groups",
        "mail_mailbox_message_role_rel",
        "mailbox_message_id",
        "group_id",
        string="Only for users with roles",
        # a role that is gone would leave its mail to everybody
        ondelete="restrict",
        domain=[("mail_role", "=", True)],
        readonly=True,
        copy=False,
    )
    history_ids = fields.One2many(
        "mail.mailbox.history", "mailbox_message_id", readonly=True
    )

    _identity_uniq = models.UniqueIndex("(identity)", "This message is already stored.")
    _date_idx = models.Index("(date DESC, id DESC)")
    _archived_idx = models.Index("(date DESC, id DESC) WHERE has_links")
    _search_text_idx = models.Index("USING gin (to_tsvector('simple', search_text))")
    # two thirds of a large database are in the Queue alone
    _archived_text_idx = models.Index(
        "USING gin (to_tsvector('simple', search_text)) WHERE has_links"
    )

    @api.depends("subject")
    def _compute_display_name(self):
        for message in self:
            message.display_name = message.subject or self.env._("(no subject)")

    def _compute_body_text(self):
        for message in self:
            message.body_text = body.read_body(message._read_source()).text

    # Who may read

    @api.model
    def _get_read_domain(self):
        """Return the domain of the messages that the user may read."""
        return Domain.OR(self._get_read_domains())

    @api.model
    def _get_read_domains(self):
        """Return the reasons to read a message, as domains: any of them is enough."""
        return [self._get_queue_domain(), self._get_archive_domain()]

    @api.model
    def _get_chosen(self):
        """Return the messages that a dialogue is opened for, of a list of either."""
        context = self.env.context
        records = self.env[context.get("active_model", self._name)]
        records = records.browse(context.get("active_ids"))
        if records._name == "mail.mailbox.arrival":
            return records.mailbox_message_id
        return records if records._name == self._name else self.browse()

    @api.model
    def _get_queue_domain(self):
        """Return the domain of messages with an arrival that the user may read."""
        arrivals = self.env["mail.mailbox.arrival"]
        if not arrivals.has_access("read"):
            return Domain.FALSE

        def to_sql(model, alias, _query):
            query = arrivals._search(Domain.TRUE)
            message = SQL.identifier(alias, "id")
            return refers_to(query, arrivals, "mailbox_message_id", message)

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _get_archive_domain(self):
        """Return the domain of messages archived where the user may read them.

        That is on a record the user may open, unless the message is for users with
        roles that this one has none of, or it was archived from a private mailbox of
        others.
        """
        links = self.env["mail.mailbox.link"]
        if not links.has_access("read"):
            return Domain.FALSE
        showing = links._get_showing_domain()

        def to_sql(model, alias, _query):
            query = links._search(showing, bypass_access=True)
            message = SQL.identifier(alias, "id")
            return refers_to(query, links, "mailbox_message_id", message)

        return Domain.custom(to_sql=to_sql) & self._get_role_domain()

    @api.model
    def _get_role_domain(self):
        """Return the domain of messages for everybody, or for a role of the user."""
        field = self._fields["role_ids"]
        roles = self.env.user.all_group_ids.ids

        def to_sql(_model, alias, _query):
            of_message = SQL(
                "SELECT %s FROM %s WHERE %s = %s",
                SQL.identifier(field.column2),
                SQL.identifier(field.relation),
                SQL.identifier(field.column1),
                SQL.identifier(alias, "id"),
            )
            return SQL(
                "(NOT EXISTS (%s OFFSET 0) OR %s && ARRAY(%s))",
                of_message,
                roles,
                of_message,
            )

        return Domain.custom(to_sql=to_sql)

    def _mark_needed(self):
        """Have whoever is about to remove these messages begin once more.

        They looked whether anything speaks against it, and see nothing made since: so
        what does speak against it, a link or a hold, changes the row itself.
        """
        self.flush_recordset(["has_links"])
        self.env.cr.execute(
            SQL(
                "UPDATE mail_mailbox_message SET has_links = has_links"
                " WHERE id = ANY(%s)",
                self.ids,
            )
        )

    def _check_no_hold(self):
        """Refuse to remove a message that must be kept; other rooms say which."""

    # Storing

    @api.model
    def _store(self, fetched):
        """Store messages as they come from a server, each once.

        :param fetched: :class:`~..mailcore.imap.sync.Fetched` with a ``message``
        :return: dict of identity → record of ``mail.mailbox.message``
        """
        by_identity = {one.message.identity: one for one in fetched}
        stored = self._find_stored(list(by_identity.values()))
        new = [one for identity, one in by_identity.items() if identity not in stored]
        records = self._create_new([self._prepare_values(one) for one in new])
        records._store_sources(new)
        return stored | {record.identity: record for record in records}

    @api.model
    def _prepare_values(self, fetched):
        """Return the values of a message from what was read out of its source."""
        message = fetched.message
        return {
            "subject": message.subject,
            "date": message.date and message.date.replace(tzinfo=None),
            "email_from": address.format_addresses(message.from_),
            "email_to": address.format_addresses(message.to),
            "email_cc": address.format_addresses(message.cc),
            "email_bcc": address.format_addresses(message.bcc),
            "email_reply_to": address.format_addresses(message.reply_to),
            "message_id": message.message_id,
            "in_reply_to": message.in_reply_to,
            "references": " ".join(message.references),
            "preview": message.preview,
            "size": fetched.size,
            "identity": message.identity,
            "thread_key": message.thread_key,
            "defects": "\n".join(message.defects),
            "oversize": fetched.oversize,
            "has_links": False,
            "search_text": message.search_text,
            "attachment_count": len(message.parts) - len(message.shown),
            "part_ids": [
                fields.Command.create(
                    {
                        "path": part.path,
                        "filename": part.filename,
                        "mimetype": part.mimetype,
                        "size": part.size,
                        "cid": part.cid,
                        "inline": part.path in message.shown,
                    }
                )
                for part in message.parts
            ],
        }
