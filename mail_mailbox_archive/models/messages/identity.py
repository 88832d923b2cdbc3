import logging
from datetime import timedelta

from odoo import api, fields, models

from ...mailcore.errors import Unreadable
from ...mailcore.read.message import identities
from ...mailcore.read.sharing import seal, share
from ...mailcore.read.structure import read_headers
from ..mailbox.fields import aware_utc

_logger = logging.getLogger(__name__)

#: When this database came to version 2, which gives other identities.
UPGRADED = "mail_mailbox_archive.identity_upgraded"
#: A server's clock may be so much ahead of ours.
AHEAD = timedelta(days=3)
#: Messages of version 1 whose source is divided in one transaction.
BATCH = 100


class MailMailboxMessage(models.Model):
    """Which message is which, also among those that version 1 stored.

    Version 1 gave another identity and kept, as the source, that of the first arrival
    whole. Such a message is found by its old identity and is the same only if what is
    stored of it has the new one of what came; from then on it has that itself. All
    others are renewed by a scheduled action, one by one.
    """

    _inherit = "mail.mailbox.message"

    # of version 1, where the new one holds the moment of one arrival among several
    former_identity = fields.Char(
        readonly=True, copy=False, index="btree_not_null", groups=fields.NO_ACCESS
    )

    _former_idx = models.Index("(id) WHERE source_shared IS NOT TRUE")

    @api.model
    def _find_stored(self, fetched):
        """Return dict of identity → message for those of ``fetched`` stored already."""
        known = self.search([("identity", "in", [o.message.identity for o in fetched])])
        stored = {message.identity: message for message in known}
        missing = [one for one in fetched if one.message.identity not in stored]
        return stored | self._find_former(missing)

    @api.model
    def _find_former(self, fetched):
        former = self._get_former_identities(fetched)
        keys = list(former.values())
        if not keys:
            return {}
        known = self.search(
            ["|", ("identity", "in", keys), ("former_identity", "in", keys)]
        )
        known._renew()
        stored = {}
        for one in fetched:
            key = former.get(one.message.identity)
            for message in known:
                if message._is_former(key, one):
                    stored[one.message.identity] = message
        return stored

    @api.model
    def _get_former_identities(self, fetched):
        """Return identity → the one of version 1, of what it may have known."""
        upgraded = self._get_upgraded()
        return {
            one.message.identity: identities(one.source)[1]
            for one in fetched
            if upgraded and one.internal_date < upgraded + AHEAD
        }

    @api.model
    def _get_upgraded(self):
        # sudo: a moment, and no secret
        value = self.env["ir.config_parameter"].sudo().get_param(UPGRADED)
        moment = fields.Datetime.to_datetime(value or None)
        return moment and aware_utc(moment)

    def _is_former(self, key, fetched):
        """Return whether this message, of version 1, is what was fetched."""
        if self.identity == fetched.message.identity:
            return True
        if not key or self.former_identity != key:
            return False
        source = self._read_source()
        return any(
            identities(source, aware_utc(arrival.internal_date))[0]
            == fetched.message.identity
            for arrival in self.arrival_ids
        )

    def _get_first_arrival(self):
        """Return the arrival whose source was stored; empty where it is gone."""
        # made in one transaction, which gives one moment to all it makes
        first = self.arrival_ids.filtered(lambda a: a.create_date == self.create_date)
        return first.sorted("id")[:1]

    def _renew(self):
        """Give messages of version 1 their new identity, and divide their source."""
        for message in self.filtered(lambda m: not m.source_shared):
            try:
                message._divide()
            except Unreadable:
                _logger.warning("Message %s: what is stored is no message", message.id)
                message.source_shared = True

    def _divide(self):
        source, first = self._read_stored(), self._get_first_arrival()
        shared = share(source)
        sealed = seal(source, read_headers(source)[0].start, shared)
        moment = first.internal_date and aware_utc(first.internal_date)
        identity, former = identities(source, moment)
        values = {"source_shared": True}
        if not self.search_count([("identity", "=", identity)], limit=1):
            values["identity"] = identity
        if identity != identities(source, aware_utc(fields.Datetime.now()))[0]:
            values["former_identity"] = former
        if not self.oversize:
            values["size"] = len(shared)
        first.filtered(lambda a: not a.size).size = self.size
        self.env["mail.mailbox.envelope"]._insert([(self, first, sealed)])
        if shared != source:
            self._source_attachments().unlink()
            self._store_bytes([shared])
        self.write(values)

    @api.model
    def _cron_renew(self):
        """Renew the messages of version 1, the newest first."""
        cron, former = self.env["ir.cron"], [("source_shared", "!=", True)]
        cron._commit_progress(remaining=self.search_count(former))
        while batch := self.search(former, order="id desc", limit=BATCH):
            batch._renew()
            if not cron._commit_progress(len(batch)):
                break
