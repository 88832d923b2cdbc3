import contextlib
import functools
import logging
import os
import tempfile
from pathlib import Path

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, config

from ...mailcore.connect.net_guard import (
    PORTS,
    ClosedGuard,
    NetGuard,
    read_networks,
    read_ports,
)
from ...mailcore.vault import PREFIX, SecretUnreadable, Vault
from .odoo_conf import get_option

_logger = logging.getLogger(__name__)

KEY_VARIABLE = "ODOO_MAILBOX_SECRET_KEY"
KNOWN_DATABASE = "mail_mailbox_archive.database_uuid"


@functools.lru_cache(maxsize=1)
def _open_vault(keys):
    return Vault([key.strip() for key in keys.split(",") if key.strip()])


class MailMailbox(models.Model):
    """What makes secrets useless elsewhere: their keys, and inert copies."""

    _inherit = "mail.mailbox"

    # Keys

    @api.model
    def _vault__(self):
        """Return the vault that seals this system's mail secrets.

        Its keys come from the environment variable ``ODOO_MAILBOX_SECRET_KEY`` or
        ``secret_key`` in odoo.conf's section ``[mail_mailbox_archive]`` (several,
        separated by commas: the first seals, all open); otherwise from a key file in
        the data folder, made on first use. Never from the database, so that its dump
        holds no secret.

        :raises SecretUnreadable: what is stored there is not a key
        """
        keys = os.environ.get(KEY_VARIABLE) or get_option(
            "secret_key", "mailbox_secret_key"
        )
        try:
            return _open_vault(keys or self._read_key_file())
        except ValueError as error:
            raise SecretUnreadable from error

    @api.model
    def _read_key_file(self):
        path = Path(config["data_dir"], "mail_mailbox_archive.key")
        if not path.exists():
            with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:
                file.write(Vault.new_key())
                file.flush()
                # linked when complete: two workers starting at once end with one key
                with contextlib.suppress(FileExistsError):
                    os.link(file.name, path)
        return path.read_text()

    @api.model
    def _has_own_key(self):
        """Return whether the key is configured, not a generated file."""
        return bool(
            os.environ.get(KEY_VARIABLE)
            or get_option("secret_key", "mailbox_secret_key")
        )

    @api.model
    def _sealed_columns(self):
        """Return (table, column) of every sealed field; searched, so none is missed."""
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
            # past the ORM, since nothing changed that anyone needs to know of
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
        """Return what decides which servers may be connected to.

        Public ones, and the networks that odoo.conf lists, separated by commas, as
        ``allowed_networks`` in its section ``[mail_mailbox_archive]``; there as well
        the ports of mail only, and those of ``allowed_ports``. Nobody can widen it from
        inside Odoo. A copied database reaches nobody.
        """
        if self._is_copy():
            return ClosedGuard()
        networks = self._read_option("allowed_networks", read_networks)
        ports = self._read_option("allowed_ports", read_ports)
        return NetGuard(networks or (), allowed_ports=PORTS | (ports or set()))

    @api.model
    def _get_net_guard_of_emails(self):
        """Return what decides which servers that an email names may be connected to.

        Public ones only: who wrote it is to reach nothing that odoo.conf opens for our
        own servers. A copied database reaches nobody, nor does a neutralised one.
        """
        # sudo: a setting of the system, not a secret
        parameters = self.env["ir.config_parameter"].sudo()
        if self._is_copy() or parameters.get_param("database.is_neutralized"):
            return ClosedGuard()
        return NetGuard()

    @api.model
    def _read_option(self, name, read):
        """Return an option of odoo.conf as ``read`` takes it; None if it cannot."""
        try:
            return read(get_option(name, f"mail_mailbox_{name}"))
        except ValueError as error:
            # a slip of the pen in odoo.conf must open nothing
            _logger.error("odoo.conf, %s: %s", name, error)
            return None


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
