import logging
import os

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..mailcore.errors import Unreachable
from ..mailcore.net_guard import ClosedGuard
from ..mailcore.vault import PREFIX
from .mail_mailbox_receive import KEY_VARIABLE
from .odoo_conf import get_option

_logger = logging.getLogger(__name__)

KNOWN_DATABASE = "mail_mailbox_archive.database_uuid"


class MailMailbox(models.Model):
    """What keeps secrets useless elsewhere: their keys, and copies of the database."""

    _inherit = "mail.mailbox"

    # Keys

    @api.model
    def _has_own_key(self):
        """Return whether somebody chose the key, instead of a file made here."""
        return bool(
            os.environ.get(KEY_VARIABLE)
            or get_option("secret_key", "mailbox_secret_key")
        )

    @api.model
    def _sealed_columns(self):
        """Return (table, column) of all that is sealed: found, so none is forgotten."""
        self.env.cr.execute(
            SQL(
                "SELECT table_name, column_name FROM information_schema.columns"
                r" WHERE table_schema = 'public' AND table_name LIKE 'mail\_mailbox%%'"
                " AND data_type IN ('character varying', 'text')"
                " AND (column_name LIKE '%%secret' OR column_name LIKE '%%sealed')"
                " ORDER BY 1, 2"
            )
        )
        return self.env.cr.fetchall()

    @api.model
    def _read_sealed(self):
        """Yield (table, column, id, sealed text) of every secret."""
        for table, column in self._sealed_columns():
            self.env.cr.execute(
                SQL(
                    "SELECT id, %(column)s FROM %(table)s"
                    " WHERE starts_with(%(column)s, %(prefix)s) FOR UPDATE",
                    column=SQL.identifier(column),
                    table=SQL.identifier(table),
                    prefix=PREFIX,
                )
            )
            for row_id, sealed in self.env.cr.fetchall():
                yield table, column, row_id, sealed

    @api.model
    def _reseal_secrets(self):
        """Seal every secret with the first key, all of them or none; return how many.

        :raises SecretUnreadable: one of them opens with none of the keys
        """
        vault = self._vault__()
        changes = [
            (table, column, row_id, vault.reseal(sealed))
            for table, column, row_id, sealed in self._read_sealed()
        ]
        for table, column, row_id, sealed in changes:
            # past the ORM, since nothing changed that anybody should be told
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s WHERE id = %s",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    sealed,
                    row_id,
                )
            )
        self.env.invalidate_all()
        return len(changes)

    # Copies

    @api.model
    def _is_copy(self):
        """Return whether this database was copied from the one that has the mailboxes.

        Odoo gives a copy another ``database.uuid``; until an administrator confirms it,
        nothing of ours connects to anybody.
        """
        # sudo: settings of the system, not secrets
        parameter = self.env["ir.config_parameter"].sudo().get_param
        known = parameter(KNOWN_DATABASE)
        return bool(known) and known != parameter("database.uuid")

    @api.model
    def _confirm_database(self):
        """Have this database connect to its mailboxes from now on."""
        if not (self.env.su or self.env.user.has_group("base.group_system")):
            raise AccessError(
                self.env._(
                    "Only a system administrator can reactivate a copied database."
                )
            )
        # sudo: settings of the system, not secrets
        parameters = self.env["ir.config_parameter"].sudo()
        uuid = parameters.get_param("database.uuid")
        parameters.set_param(KNOWN_DATABASE, uuid)
        _logger.info("The mailboxes are connected to by database %s", uuid)

    @api.model
    def _get_net_guard(self):
        return ClosedGuard() if self._is_copy() else super()._get_net_guard()

    def _open_provider__(self):
        # the services that are reached without a guard of ours
        if self._is_copy():
            raise Unreachable("copy")
        return super()._open_provider__()


class ResConfigSettings(models.TransientModel):
    """What an administrator should know about secrets and copies."""

    _inherit = "res.config.settings"

    mailbox_key_in_file = fields.Boolean(compute="_compute_mailbox_safety")
    mailbox_is_copy = fields.Boolean(compute="_compute_mailbox_safety")

    def _compute_mailbox_safety(self):
        mailboxes = self.env["mail.mailbox"]
        for settings in self:
            settings.mailbox_key_in_file = not mailboxes._has_own_key()
            settings.mailbox_is_copy = mailboxes._is_copy()

    def action_confirm_mailbox_database(self):
        """Wake a copied database."""
        self.env["mail.mailbox"]._confirm_database()
        return {"type": "ir.actions.client", "tag": "reload"}
