from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from .guarded import with_refused

COMPOSED = "mail_mailbox_archive.composed"


def one_by_one(query):
    """Return ``EXISTS`` over a correlated ``query`` that is asked for each row alone.

    Without the OFFSET PostgreSQL may go through all of the sub-query first, to look the
    rows up in it afterwards: for the eighty lines of a page that is a second in an
    archive of a million.
    """
    return SQL("EXISTS (%s OFFSET 0)", query.select(SQL("1")))


def refers_to(query, records, column, row):
    """Return ``EXISTS`` over the rows of ``query`` whose ``column`` is ``row``.

    :param records: of the model that the query is about
    :param row: SQL of the number that is looked for
    """
    query.add_where(SQL("%s = %s", SQL.identifier(records._table, column), row))
    return one_by_one(query)


@contextmanager
def composed_once(env):
    """Have the arms of the access rule composed once in the block, which only reads.

    What a page of a list asks holds the rule five times over; with six models that can
    be archived to, composing it would take longer than answering.
    """
    cache = env.cr.cache
    if COMPOSED in cache:
        yield
        return
    cache[COMPOSED] = {}
    try:
        yield
    finally:
        cache.pop(COMPOSED, None)


def compose(env, key, make):
    """Return ``make()``; in a block of :func:`composed_once` made once for ``key``."""
    composed = env.cr.cache.get(COMPOSED)
    if composed is None:
        return make()
    if (env, key) not in composed:
        composed[env, key] = make()
    return composed[env, key]


class MailMailboxReader(models.AbstractModel):
    """What is read under the access rule of archived mail."""

    _name = "mail.mailbox.reader"
    _inherit = "mail.mailbox.guarded"
    _description = "Read under the Rule of Archived Emails"

    @api.model
    @api.readonly
    def web_search_read(self, *args, **kwargs):
        with composed_once(self.env):
            return super().web_search_read(*args, **kwargs)


class MailMailboxSearched(models.AbstractModel):
    """What is found by a rule of ours: it is part of each search.

    A model says the rule as a domain, in ``_get_read_domain``, and asks it of ids in
    its own way.
    """

    _name = "mail.mailbox.searched"
    _inherit = "mail.mailbox.guarded"
    _description = "Found by a Rule of Ours"

    @api.model
    def _search(self, domain, *args, bypass_access=False, **options):
        if not (self.env.su or bypass_access):
            domain = self._restrict(Domain(domain))
        return super()._search(domain, *args, bypass_access=bypass_access, **options)

    @api.model
    def _restrict(self, domain):
        """Return what of ``domain`` the user may read, as a domain."""
        return domain & self._get_read_domain()


class MailMailboxRuled(models.AbstractModel):
    """What is read by a rule said in SQL, which is asked of ids as well."""

    _name = "mail.mailbox.ruled"
    _inherit = ["mail.mailbox.searched", "mail.mailbox.reader"]
    _description = "Read by a Rule in SQL"

    def _check_access(self, operation):
        result = super()._check_access(operation)
        rest = self - result[0] if result else self
        if self.env.su or not any(rest._ids):
            return result
        every = self.with_context(active_test=False)
        forbidden = rest - self.browse(every._search([("id", "in", rest.ids)]))
        return with_refused(result, forbidden, forbidden._refuse_reading)

    def _refuse_reading(self):
        return AccessError(
            self.env._("You may not read this email, or it does not exist.")
        )


class MailMailboxContent(models.AbstractModel):
    """What is in a mailbox: read by who reads the mailbox, in code.

    Record rules are edited by whoever administers access rights; of ours they only say
    which companies' mailboxes are seen.
    """

    _name = "mail.mailbox.content"
    _inherit = ["mail.mailbox.searched", "mail.mailbox.reader"]
    _description = "Contents of a Mailbox"

    @api.model
    def _get_read_domain(self):
        readable = self.env["mail.mailbox"]._get_readable_domain()
        # any!: that one sees the mailbox itself is another matter
        return Domain("mailbox_id", "any!", readable)

    def _is_open(self):
        """Return for one row what ``_get_read_domain`` says, by no query of its own."""
        mailbox = self.mailbox_id
        open_to_all = mailbox._is_manager() and not mailbox.private
        return open_to_all or self.env.user in mailbox.user_ids

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su:
            return result
        # sudo: in whose mailbox it is
        closed = self.filtered(lambda one: one.id and not one.sudo()._is_open())
        return with_refused(result, closed, closed._refuse_others)
