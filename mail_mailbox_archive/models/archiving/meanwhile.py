"""What is archived to a record while somebody deletes or merges it.

Who deletes or merges a record does not see links that others commit after they began.
So whoever makes a link has the record stay until that link is committed, and who took
the record away looks for such links once that is committed.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from odoo import api, models
from odoo.tools import SQL

from .record_detail import DELETED, THERE, is_missing, made_of

_logger = logging.getLogger(__name__)

#: What the transaction took away, kept until it is committed.
KEY = "mail_mailbox_archive.meanwhile"


@dataclass
class Gone:
    """The records of one model that a transaction deleted or merged.

    :param deleted: the ids of the deleted ones, those that were merged as well
    :param merged: the id of each merged one → when it was made, and the id of the
        record that took over
    """

    deleted: set = field(default_factory=set)
    merged: dict = field(default_factory=dict)

    def get_heir(self, record_id):
        """Return the id of the record that took over in the end."""
        heir, seen = record_id, set()
        while heir in self.merged and heir not in seen:
            seen.add(heir)
            _made, heir = self.merged[heir]
        return heir


class MailMailboxLink(models.Model):
    _inherit = "mail.mailbox.link"

    @api.model
    def _hold_records(self, name, ids):
        """Have records of model ``name`` stay until this transaction ends.

        Of one that was deleted meanwhile the transaction fails, and is done again.
        """
        self.env.cr.execute(
            SQL(
                "SELECT FROM %s WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",
                SQL.identifier(self.env[name]._table),
                list(ids),
            )
        )

    @api.model
    def _watch_deleted(self, records):
        """After the commit, look for what was archived to ``records`` meanwhile."""
        self._get_gone(records).deleted.update(records.ids)

    @api.model
    def _watch_merged(self, source, target):
        """As :meth:`_watch_deleted`, of records that ``target`` took over."""
        if source._name in self.env["mail.mailbox.record.type"]._get_model_names():
            made = {one: (when, target.id) for one, when in made_of(source).items()}
            self._get_gone(source).merged.update(made)

    @api.model
    def _get_gone(self, records):
        hooks = self.env.cr.postcommit
        if KEY not in hooks.data:
            hooks.data[KEY] = {}
            hooks.add(self._follow_up)
        return hooks.data[KEY].setdefault(records._name, Gone())

    def _follow_up(self):
        gone, uid = self.env.cr.postcommit.data[KEY], self.env.uid

        def work(env):
            for name, taken in gone.items():
                if name in env and self._name in env:
                    # sudo: what is archived stays, whoever took the record away
                    links = env[self._name].with_user(uid).sudo()
                    links._lead_latecomers(name, taken)
                    links._lose_latecomers(name, taken)

        try:
            self.env["mail.mailbox"]._transact(work)
        except Exception:
            # the nightly cleaning finds them
            _logger.exception("Not looked for what was archived meanwhile")

    @api.model
    def _lead_latecomers(self, name, taken):
        """Lead what was archived to merged records to those that took over."""
        for record_id, (made, _target) in taken.merged.items():
            target = self.env[name].browse(taken.get_heir(record_id)).exists()
            if target and (links := self._find_latecomers(name, record_id, made)):
                links._lead_to(target)
                history = self.env["mail.mailbox.history"]
                history._find_latecomers(name, record_id, made)._point_to(target)

    @api.model
    def _lose_latecomers(self, name, taken):
        """Note that what was archived to deleted records has none."""
        which = SQL(
            "%s AND detail.res_id = ANY(%s)",
            is_missing(self.env[name]),
            list(taken.deleted),
        )
        # who archived it a moment ago could open it
        lost = self._mark_gone(which, DELETED, SQL(", keeper_id = user_id"))
        if lost:
            history = self.env["mail.mailbox.history"]
            history._mark_gone(which, DELETED)
            history._note_keepers(lost)
            lost._tell_of_loss()


class MailMailboxRecordDetail(models.AbstractModel):
    _inherit = "mail.mailbox.record.detail"

    @api.model
    def _find_latecomers(self, name, record_id, made):
        """Return the rows about a record that is gone, made when it still was there."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM %s AS detail WHERE detail.record_state = %s"
                " AND detail.res_id = %s AND %s"
                " AND detail.res_create_date IS NOT DISTINCT FROM %s",
                SQL.identifier(self._table),
                THERE,
                record_id,
                is_missing(self.env[name]),
                made,
            )
        )
        return self.browse([row[0] for row in rows])
