from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ...mailcore.imap.folder import FolderState
from ...mailcore.imap.sync import Listed
from ..mailbox.fields import BigInteger


class MailMailboxFolder(models.Model):
    """An IMAP folder of a mailbox, and how far it has been read.

    Every UID in [``backfill_uid``, ``next_uid``) is decided: its message is stored, in
    quarantine, or proven absent. The row is written in the transaction that stores
    those messages, never elsewhere.
    """

    _name = "mail.mailbox.folder"
    _inherit = "mail.mailbox.content"
    _description = "Mailbox Folder"
    _written_by_system = True
    _order = "mailbox_id, name"
    _rec_names_search = ["name"]

    mailbox_id = fields.Many2one(
        "mail.mailbox", required=True, ondelete="cascade", index=True
    )
    name = fields.Char(required=True, readonly=True)
    wire_name = fields.Char(
        required=True,
        readonly=True,
        help="The name exactly as the server writes it, byte for byte.",
    )
    role = fields.Char(
        readonly=True, help="Its purpose as reported by the server (RFC 6154)."
    )
    skipped = fields.Boolean(readonly=True)
    missing = fields.Boolean(
        readonly=True, help="The server no longer lists this folder."
    )
    uid_validity = BigInteger("UIDVALIDITY", readonly=True)
    next_uid = BigInteger("Next UID", readonly=True)
    backfill_uid = BigInteger("Backfill UID", readonly=True)
    highest_modseq = BigInteger(readonly=True)
    unseen_count = fields.Integer("Unread", readonly=True)
    message_count = fields.Integer("On server", readonly=True)
    waiting_count = fields.Integer(
        "Waiting", readonly=True, help="Emails still to be fetched."
    )
    older_count = fields.Integer(
        "Older",
        readonly=True,
        help="Emails older than the “Fetch mail since” date.",
    )
    settled = fields.Boolean(
        readonly=True,
        help="The counts and the MODSEQ are of after all that is stored: no round "
        "broke off since.",
    )
    last_error = fields.Char("Last error", readonly=True)
    failed_count = fields.Integer(
        readonly=True,
        help="Emails that could not be fetched because the folder failed.",
    )
    shared = fields.Boolean(
        readonly=True,
        help="A folder of another person, or one shared by several: its emails are "
        "fetched only if it is selected here.",
    )
    chosen = fields.Boolean(
        "Fetch", readonly=True, help="A folder of another person that is fetched."
    )
    probe = fields.Char(
        readonly=True, help="What the newest emails looked like when they were read."
    )

    _wire_name_uniq = models.UniqueIndex(
        "(mailbox_id, wire_name)", "A mailbox can list a folder only once."
    )

    @api.model
    def _get_neutral_name(self):
        return self.env._("Folder")

    @api.depends_context("hierarchical_naming")
    @api.depends("name", "mailbox_id.email")
    def _compute_display_name(self):
        # where folders stand under their mailbox already, as in a search panel
        alone = not self.env.context.get("hierarchical_naming", True)
        for folder in self:
            # the name first: the rest is cut where room is short
            whole = f"{folder.name} ({folder.mailbox_id.email})"
            folder.display_name = folder.name if alone else whole

    @api.model
    def _read_known(self, mailbox_ids):
        """Return how far the folders have been read, and how they were listed last.

        Past the ORM, for it is read for each mailbox at each check.

        :return: three dicts by mailbox id: of ``wire_name`` →
            :class:`~..mailcore.imap.folder.FolderState`, of the set of
            :class:`~..mailcore.imap.sync.Listed`, and of the ``wire_name`` of folders
            of other people that are fetched
        """
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT mailbox_id, missing, name, coalesce(role, ''), skipped, shared,
                       chosen, wire_name,
                       coalesce(uid_validity, 0), coalesce(backfill_uid, 0),
                       coalesce(next_uid, 0), coalesce(highest_modseq, 0),
                       coalesce(message_count, 0), coalesce(unseen_count, 0),
                       coalesce(waiting_count, 0), coalesce(older_count, 0),
                       coalesce(settled, false), coalesce(probe, '')
                  FROM mail_mailbox_folder
                 WHERE mailbox_id = ANY(%s)
                """,
                list(mailbox_ids),
            )
        )
        states, listings, chosen = (defaultdict(dict), defaultdict(set), {})
        for row in self.env.cr.fetchall():
            mailbox_id, missing, name, role, skipped, shared, wanted, *state = row
            states[mailbox_id][state[0]] = FolderState(*state)
            if wanted:
                chosen.setdefault(mailbox_id, set()).add(state[0])
            if not missing:
                listed = Listed(state[0], name, role, bool(skipped), shared)
                listings[mailbox_id].add(listed)
        return (
            states,
            {key: frozenset(listings[key]) for key in mailbox_ids},
            {key: frozenset(chosen.get(key, ())) for key in mailbox_ids},
        )

    def _set_state(self, state, done=False):
        """Note how far the folder has been read.

        :param state: :class:`~..mailcore.imap.folder.FolderState`
        :param done: whether all of the folder's changes are stored; only then may its
            MODSEQ and counts move, since the next check compares with them
        """
        self.ensure_one()
        values = {
            "uid_validity": state.uid_validity,
            "backfill_uid": state.backfill_uid,
            "next_uid": state.next_uid,
            "waiting_count": state.waiting_count,
            "older_count": state.older_count,
            "settled": done,
            "probe": state.probe,
        }
        if not self.message_count:
            # while the folder is read for the first time
            values["message_count"] = state.message_count
        if done:
            values |= {
                "highest_modseq": state.highest_modseq,
                "message_count": state.message_count,
                "unseen_count": state.unseen_count,
                "last_error": False,
                "failed_count": 0,
            }
        self.write(values)

    def _forget(self):
        """Forget how far the folders have been read: UIDs mean other messages now.

        Their arrivals stay, without a place, and find it again by their identity.
        """
        for folder in self:
            self.env["mail.mailbox.arrival"]._unplace(folder, [(0, 2**32)])
        self.env["mail.mailbox.quarantine"]._unplace(self)
        self.write(
            {
                "uid_validity": 0,
                "backfill_uid": 0,
                "next_uid": 0,
                "highest_modseq": 0,
                "message_count": 0,
                "waiting_count": 0,
                "older_count": 0,
                "settled": False,
                "probe": False,
            }
        )

    def _update_list(self, mailbox, listed, skipped):
        """Make the rows of ``mailbox`` what the server lists; unchanged ones stay.

        :param listed: the complete list, of :class:`~..mailcore.imap.folder.Folder`
        :param skipped: the ``wire_name`` of those that are left out
        """
        self._note_asked(mailbox)
        known = {folder.wire_name: folder for folder in self}
        new = []
        for one in listed:
            values = {
                "name": one.name,
                "role": one.role.value,
                "skipped": one.wire_name in skipped or not one.selectable,
                "missing": False,
                "shared": one.shared,
            }
            folder = known.pop(one.wire_name, None)
            if folder is None:
                values |= {"mailbox_id": mailbox.id, "wire_name": one.wire_name}
                if one.status and not values["skipped"]:
                    # so much waits, until opening the folder gives a better count
                    count = one.status.messages
                    values |= {"message_count": count, "waiting_count": count}
                new.append(values)
            elif changes := {
                k: v for k, v in values.items() if (folder[k] or "") != (v or "")
            }:
                folder.write(changes)
        self.create(new)
        for folder in known.values():
            if not folder.missing:
                folder.write({"missing": True, "unseen_count": 0})

    @api.model
    def _note_asked(self, mailbox):
        """Note that the server was asked whose the folders of ``mailbox`` are."""
        self.env.cr.execute(
            SQL(
                "UPDATE mail_mailbox_folder SET shared = false"
                " WHERE mailbox_id = %s AND shared IS NULL",
                mailbox.id,
            )
        )
        self.invalidate_model(["shared"])

    def _fail(self, event):
        """Note why the folder could not be read, and what that held up."""
        values = {"last_error": str(event.error), "failed_count": event.waiting}
        changed = {k: v for k, v in values.items() if self[:1][k] != v}
        if changed:
            self.write(changed)

    def action_choose(self):
        """Fetch these folders, which other people share with the mailbox."""
        self._choose(True)

    def action_leave_out(self):
        """Fetch these folders no more; what is in the Queue stays."""
        self._choose(False)

    def _choose(self, wanted):
        self.mailbox_id.check_access("write")
        # sudo: who may change the mailbox chooses its folders
        self.sudo().chosen = wanted
        mailboxes = self.mailbox_id.sudo()
        # whoever checks them now goes by the old choice
        mailboxes._revoke_claim()
        mailboxes.next_poll_at = False
