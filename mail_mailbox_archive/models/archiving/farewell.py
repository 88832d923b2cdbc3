from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from .record_detail import DELETED, THERE, UNINSTALLED, Described, describe, is_missing

_logger = logging.getLogger(__name__)

#: What tells of records, and so outlives them.
DETAILS = ("mail.mailbox.link", "mail.mailbox.history", "mail.mailbox.follow")
#: Records that are described at once.
BATCH = 1000
RECORD_GONE = "mail_mailbox_archive.mail_activity_record_gone"


@dataclass(frozen=True, slots=True)
class Farewell:
    """What must be known about records before they are deleted.

    :param keepers: of who archived mail to one and can open it: the ids of the user
        and of the record
    """

    described: Described
    keepers: list

    def of(self, ids):
        """Return the same of the records ``ids`` only."""
        return replace(self, described=self.described.of(ids))


#: No more values, and no more tables.
_NOTHING = SQL("")


class MailMailboxRecordDetail(models.AbstractModel):
    """What happens to a row when its record is deleted."""

    _inherit = "mail.mailbox.record.detail"

    @api.model
    def _lose(self, farewell, state):
        """Note that records are gone; return the rows that told of them.

        :param farewell: :class:`Farewell`, taken before they went
        """
        gone = farewell.described
        told = SQL(
            "detail.res_model = %s AND detail.res_id = record.id"
            " AND detail.res_create_date IS NOT DISTINCT FROM record.made",
            gone.model,
        )
        records = SQL(
            "FROM unnest(%s::int[], %s::text[], %s::timestamp[], %s::int[])"
            " AS record(id, name, made, company)",
            gone.ids,
            gone.names,
            gone.made,
            gone.companies,
        )
        known = SQL(", res_name = coalesce(name, res_name), company_id = company")
        return self._mark_gone(told, state, known, records)

    @api.model
    def _mark_gone(self, which, state, values=_NOTHING, records=_NOTHING):
        """Mark the rows of which ``which`` is true as about records that are gone."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "UPDATE %s AS detail SET record_state = %s, gone_at = %s,"
                " gone_by_id = %s %s %s WHERE detail.record_state = %s AND %s"
                " RETURNING detail.id",
                SQL.identifier(self._table),
                state,
                fields.Datetime.now(),
                self.env.uid if values else None,
                values,
                records,
                THERE,
                which,
            )
        )
        rows = self.browse([row[0] for row in self.env.cr.fetchall()])
        self.invalidate_model()
        return rows


class MailMailboxLink(models.Model):
    """The links of records that are deleted, or uninstalled with their app."""

    _inherit = "mail.mailbox.link"

    @api.model
    def _take_farewell(self, records):
        """Return what must be known of ``records`` first; None without any emails."""
        about = {row.res_id for name in DETAILS for row in _about(self, name, records)}
        if not about:
            return None
        # sudo: what is noted is read only by who reads what is archived
        with_mail = records.browse(sorted(about)).sudo()
        links = self.sudo()._search_about(with_mail)
        return Farewell(describe(with_mail), links._find_keepers(with_mail))

    def _find_keepers(self, records):
        """Return who archived these links and can open their records: see Farewell."""
        pairs = []
        for person, links in self.grouped("user_id").items():
            if person.active:
                mine = records.browse(set(links.mapped("res_id"))).exists()
                pairs += [(person.id, record.id) for record in _open_to(person, mine)]
        return pairs

    @api.model
    def _lose_all(self, farewell, state):
        """Note that records are gone, and notify those who keep their emails."""
        lost = self._lose(farewell, state)
        lost._note_keepers(farewell.keepers)
        for name in DETAILS:
            if name != self._name:
                self.env[name]._lose(farewell, state)
        self.env["mail.mailbox.history"]._note_keepers(lost)
        lost._tell_of_loss()

    def _note_keepers(self, keepers):
        """Note which of ``keepers`` go on reading these links."""
        self.env.cr.execute(
            SQL(
                "UPDATE mail_mailbox_link AS link SET keeper_id = user_id"
                " FROM unnest(%s::int[], %s::int[]) AS keeper(person, record)"
                " WHERE id = ANY(%s) AND user_id = person AND res_id = record",
                [person for person, _record in keepers],
                [record for _person, record in keepers],
                self.ids,
            )
        )
        self.invalidate_model(["keeper_id"])

    def _tell_of_loss(self):
        """Notify those who read these messages without their record, once each."""
        if not self:
            return
        # sudo: who the administrators are is asked; each is told what they may read
        managers = self.env.ref("mail_mailbox_archive.group_manager").sudo()
        people = self.sudo().keeper_id | managers.all_user_ids
        for person in people.filtered(lambda user: user.active and not user.share):
            # of a record that is gone, whatever company it was of
            mine = self.with_user(person).sudo(False)
            mine = mine.with_context(allowed_company_ids=person.company_ids.ids)
            if mine.search_count([("id", "in", self.ids)], limit=1):
                self._tell_once(person)

    @api.model
    def _tell_once(self, person):
        """Give ``person`` an activity, unless they have such a one still to do."""
        kind = self.env.ref(RECORD_GONE)
        # sudo: nobody sees the activities of others; it is the system who tells
        activities = self.env["mail.activity"].sudo().with_context(lang=person.lang)
        mine = [("activity_type_id", "=", kind.id), ("user_id", "=", person.id)]
        if activities.search_count(mine, limit=1):
            return
        activities.create(
            {
                "activity_type_id": kind.id,
                "user_id": person.id,
                "summary": activities.env._(
                    "The record of archived emails no longer exists"
                ),
                "note": activities.env._(
                    "You can still read these emails although the record they were "
                    "archived to was deleted, or its app uninstalled. You find them "
                    "under Mail, Archives, with the filter “Record deleted”, and can "
                    "attach them to another record."
                ),
            }
        )

    # Apps that go

    @api.model
    def _lose_models(self, names):
        """Note that all records of models will go, with their app."""
        gone = set()
        for detail in DETAILS:
            rows = self.env[detail]._read_group(
                [("res_model", "in", names)], ["res_model"]
            )
            gone.update(name for (name,) in rows)
        for name in gone:
            try:
                with self.env.cr.savepoint():
                    self._lose_model(name)
            except Exception:
                # what its records are called must not keep an app installed
                _logger.exception("What was archived to %s is kept without names", name)
            for detail in DETAILS:
                blindly = SQL("detail.res_model = %s", name)
                self.env[detail]._mark_gone(blindly, UNINSTALLED)

    @api.model
    def _lose_model(self, name):
        domain = [("res_model", "=", name), ("record_state", "=", THERE)]
        ids = {
            record_id
            for detail in DETAILS
            for (record_id,) in self.env[detail]._read_group(domain, ["res_id"])
        }
        for batch in split_every(BATCH, sorted(ids) if name in self.env else (), list):
            if farewell := self._take_farewell(self.env[name].browse(batch)):
                self._lose_all(farewell, UNINSTALLED)

    # What went without anybody noticing

    @api.model
    def _forget_former(self, record):
        """Note that what had the number of ``record`` before it is gone."""
        former = SQL("%s AND detail.res_id = %s", is_missing(record), record.id)
        self._mark_gone(former, DELETED)

    @api.autovacuum
    def _find_lost(self):
        """Note which records no longer exist, including those deleted by SQL."""
        missing = [(is_missing(model), DELETED) for model in self._get_target_models()]
        missing.append((_OF_NO_MODEL, UNINSTALLED))
        for which, state in missing:
            self._mark_gone(which, state)._tell_of_loss()
            self.env["mail.mailbox.history"]._mark_gone(which, state)

    @api.autovacuum
    def _refresh_names(self):
        """Note what records are called by now, of those that changed lately."""
        for model in self._get_target_models():
            # sudo: a name is read only by who may open the record
            model = model.sudo()
            for batch in split_every(BATCH, self._find_changed(model), list):
                self._write_records(describe(model.browse(batch)))

    @api.model
    def _find_changed(self, model):
        """Return the ids of records with mail that were written since two days ago."""
        changed = SQL("link.res_name IS NULL")
        if model._log_access:
            lately = SQL("write_date > now() AT TIME ZONE 'UTC' - interval '2 days'")
            changed = SQL("(%s OR record.%s)", changed, lately)
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT record.id FROM mail_mailbox_link AS link"
                " JOIN %s AS record ON record.id = link.res_id"
                " WHERE link.res_model = %s AND link.record_state = %s AND %s",
                SQL.identifier(model._table),
                model._name,
                THERE,
                changed,
            )
        )
        return [record_id for (record_id,) in rows]


class MailMailboxHistory(models.Model):
    _inherit = "mail.mailbox.history"

    @api.model
    def _note_keepers(self, links):
        """Let those who keep reading ``links`` read their history as well."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE mail_mailbox_history AS line SET keeper_id = link.keeper_id
                  FROM mail_mailbox_link AS link
                 WHERE link.id = ANY(%s) AND link.keeper_id IS NOT NULL
                   AND line.mailbox_message_id = link.mailbox_message_id
                   AND line.res_model = link.res_model AND line.res_id = link.res_id
                   AND line.record_state = link.record_state
                """,
                links.ids,
            )
        )
        self.invalidate_model(["keeper_id"])


_OF_NO_MODEL = SQL(
    "detail.res_model IS NOT NULL"
    " AND NOT EXISTS (SELECT FROM ir_model WHERE model = detail.res_model)"
)


def _about(model, name, records):
    # sudo: what one may not see outlives its record as well
    return model.env[name].sudo()._search_about(records)


def _open_to(person, records):
    """Return those of ``records`` that ``person`` can open, in all their companies."""
    companies = person.company_ids.ids
    records = records.with_user(person).with_context(allowed_company_ids=companies)
    return records._filtered_access("read")
