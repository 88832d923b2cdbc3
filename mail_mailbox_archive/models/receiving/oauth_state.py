import hashlib
import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...mailcore.connect.oauth import Start

#: Minutes that a person has at the provider's page.
PATIENCE = 15


class MailMailboxOauthState(models.Model):
    """A sign-in that a person began and has not finished.

    Bound to the person, the mailbox and the provider, good once: who comes with a state
    that we did not give, or gave to somebody else, gets nowhere (RFC 6749, 10.12).
    """

    _name = "mail.mailbox.oauth.state"
    _inherit = "mail.mailbox.guarded"
    _of_the_system = True
    _description = "Sign-in in Progress"
    _written_by_system = True

    digest = fields.Char(required=True, groups=fields.NO_ACCESS)
    sealed = fields.Char(required=True, groups=fields.NO_ACCESS)
    mailbox_id = fields.Many2one("mail.mailbox", required=True, ondelete="cascade")
    provider_id = fields.Many2one(
        "mail.mailbox.oauth.provider", required=True, ondelete="cascade"
    )
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")

    _digest_uniq = models.UniqueIndex("(digest)")

    @api.model
    def _keep(self, mailbox, start):
        kept = json.dumps([start.verifier, start.nonce])
        # sudo: nobody reads or writes these but the sign-in itself
        self.sudo().create(
            {
                "digest": _digest(start.state),
                "sealed": mailbox._seal__(kept),
                "mailbox_id": mailbox.id,
                "provider_id": mailbox.oauth_provider_id.id,
                "user_id": self.env.uid,
            }
        )

    @api.model
    def _take(self, state):
        """Return mailbox id, provider id and :class:`Start` of a sign-in, once.

        Committed at once: a request that fails later does not make it good again.

        :return: None for a state that is unknown, used, too old or somebody else's
        """
        now = fields.Datetime.now()
        query = SQL(
            "DELETE FROM mail_mailbox_oauth_state WHERE digest = %s AND user_id = %s"
            " AND create_date > %s RETURNING mailbox_id, provider_id, sealed",
            _digest(state),
            self.env.uid,
            now - timedelta(minutes=PATIENCE),
        )

        def work(env):
            env.cr.execute(query)
            return env.cr.fetchone()

        row = self.env["mail.mailbox"]._transact(work)
        if not row:
            return None
        kept = json.loads(self.env["mail.mailbox"]._vault__().open(row[2]))
        return row[0], row[1], Start("", state, *kept)

    @api.autovacuum
    def _gc_states(self):
        old = fields.Datetime.now() - timedelta(minutes=PATIENCE)
        self.search([("create_date", "<", old)]).unlink()


def _digest(state):
    return hashlib.sha256(state.encode()).hexdigest()
