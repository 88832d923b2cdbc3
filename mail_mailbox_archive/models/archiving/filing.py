import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError
from odoo.fields import Domain
from odoo.tools import SQL

from .follow import ASKS, FOLLOWING

_logger = logging.getLogger(__name__)

#: Emails that are looked at before it is asked anew what waits.
BATCH = 100


class MailMailboxFiling(models.Model):
    """A new email of a followed conversation, one that meets a rule or has an address.

    Storing an email only notes it here. A scheduled action archives it soon afterwards,
    with the rights that the person who follows, made the rule or copied the address has
    by then. Whatever is in the way, it stays in the Queue, where the record is
    suggested.
    """

    _name = "mail.mailbox.filing"
    _inherit = "mail.mailbox.guarded"
    _of_the_system = True
    _description = "Email to Be Archived Automatically"
    _order = "id"
    _written_by_system = True

    mailbox_message_id = fields.Many2one(
        "mail.mailbox.message", required=True, ondelete="cascade"
    )
    follow_id = fields.Many2one(
        "mail.mailbox.follow", ondelete="cascade", index="btree_not_null"
    )
    rule_id = fields.Many2one(
        "mail.mailbox.filing.rule", ondelete="cascade", index="btree_not_null"
    )
    by_address = fields.Boolean(help="It was sent to a record's address.")

    _message_uniq = models.UniqueIndex("(mailbox_message_id, follow_id)")
    _rule_uniq = models.UniqueIndex("(mailbox_message_id, rule_id)")
    _cause_check = models.Constraint(
        "CHECK (num_nonnulls(follow_id, rule_id) = (by_address IS NOT TRUE)::int)"
    )

    @api.model
    def _note(self, arrivals):
        """Note those of these new arrivals that may have to be archived."""
        live = arrivals.filtered("live")
        if live and (
            self._note_followed(live)
            + self._note_ruled(live)
            + self._note_addressed(live)
        ):
            self._wake()

    @api.model
    def _note_followed(self, live):
        """Note those whose conversation is followed; return how many."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO mail_mailbox_filing
                            (mailbox_message_id, follow_id, create_uid, write_uid,
                             create_date, write_date)
                SELECT message.id, follow.id, %(uid)s, %(uid)s, %(now)s, %(now)s
                  FROM mail_mailbox_message AS message
                  JOIN mail_mailbox_follow AS follow
                    ON follow.thread_key = message.thread_key
                  LEFT JOIN mail_mailbox AS mailbox ON mailbox.id = follow.mailbox_id
                 WHERE message.id = ANY(%(messages)s)
                   AND follow.mailbox_message_id <> message.id
                   AND follow.state <> 'stopped' AND follow.record_state = 'there'
                 -- first those that show it to whoever may open the record
                 ORDER BY coalesce(mailbox.private, FALSE), follow.id, message.id
                ON CONFLICT DO NOTHING RETURNING id
                """,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                messages=live.mailbox_message_id.ids,
            )
        )
        return self.env.cr.rowcount

    @api.model
    def _note_ruled(self, live):
        """Note those that meet a rule which acts; return how many."""
        pairs = [
            (arrival.mailbox_message_id.id, rule.id)
            for arrival, rules in live._get_filing_rules().items()
            for rule in rules
        ]
        if not pairs:
            return 0
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO mail_mailbox_filing
                            (mailbox_message_id, rule_id, create_uid, write_uid,
                             create_date, write_date)
                SELECT message, rule, %(uid)s, %(uid)s, %(now)s, %(now)s
                  FROM unnest(%(messages)s::int[], %(rules)s::int[])
                    AS met(message, rule)
                ON CONFLICT DO NOTHING RETURNING id
                """,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                messages=[message for message, _rule in pairs],
                rules=[rule for _message, rule in pairs],
            )
        )
        return self.env.cr.rowcount

    @api.model
    def _note_addressed(self, live):
        """Note those that were sent to a filing address; return how many."""
        # sudo: the tags are the system's
        tagged = live.sudo().filtered("filing_tags")
        named = tagged.filtered(lambda one: one._get_filing_tags())
        # of another mailbox, or none that archives by address
        (tagged - named).filing_tags = False
        self.create(
            [
                {"mailbox_message_id": message.id, "by_address": True}
                for message in named.mailbox_message_id
            ]
        )
        return len(named)

    @api.model
    def _wake(self):
        # sudo: the scheduled action is the system's
        self.env.ref("mail_mailbox_archive.ir_cron_file").sudo()._trigger()

    @api.model
    def _cron_file(self):
        """Archive what waits, one email after the other."""
        cron = self.env["ir.cron"]
        followed = Domain("follow_id.state", "=", FOLLOWING)
        waiting = followed | Domain("follow_id", "=", False)
        while filings := self.search(waiting, limit=BATCH):
            remaining = self.search_count(waiting)
            cron._commit_progress(remaining=remaining)
            for filing in filings:
                try:
                    # somebody may have stopped it since
                    filing.exists()._file_safely()
                except (OperationalError, ConcurrencyError):
                    # somebody else is at the same email: once more
                    self.env.cr.rollback()
                    self._wake()
                    return
                if not cron._commit_progress(1):
                    return

    def _file_safely(self):
        """Archive this email, or leave it in the Queue; whatever fails stops no other.

        :raises OperationalError, ConcurrencyError: somebody else is at it
        """
        if not self:
            return
        # whatever becomes of it, nobody reads its tokens any more
        tags = self._take_tags()
        try:
            with self.env.cr.savepoint():
                done = self._file(tags)
        except (OperationalError, ConcurrencyError):
            raise
        except Exception:
            _logger.exception("An email could not be archived automatically: %s", self)
            done = True
        if done:
            self.unlink()

    def _take_tags(self):
        """Return arrival → the tags that it was sent to, and hide their tokens."""
        arrivals = self.by_address and self.mailbox_message_id.arrival_ids
        return {one: one._take_filing_tags() for one in arrivals or ()}

    def _file(self, tags):
        """Archive this email unless something speaks against it.

        :param tags: of :meth:`_take_tags`
        :return: whether it is decided; False while who follows has to be asked
        """
        if self.rule_id:
            self.rule_id._file(self.mailbox_message_id)
            return True
        if self.by_address:
            for arrival, found in tags.items():
                arrival._file_by_address(found)
            return True
        follow = self.follow_id
        if not follow.try_lock_for_update():
            raise ConcurrencyError("stopped or changed at this moment")
        if follow.state != FOLLOWING:
            return False
        user = follow.user_id
        companies = user.company_ids.ids
        env = self.env(user=user.id, su=False)
        # as who follows, with the rights that they have now
        follow = follow.with_env(env).with_context(allowed_company_ids=companies)
        message = self.mailbox_message_id.with_env(follow.env)
        if message._is_to_be_proposed(follow):
            return True
        known = follow.env["res.users"].browse(self.follow_id.audience or [])
        if follow._get_readers(message, known):
            self.follow_id._ask()
            return False
        message._archive(
            follow._get_record(),
            self.follow_id.mailbox_message_id.role_ids.with_env(follow.env),
            bond=follow._get_bond(),
            cause=follow,
        )
        return True


class MailMailboxMessage(models.Model):
    """Whether an email of a followed conversation is archived automatically."""

    _inherit = "mail.mailbox.message"

    def _is_to_be_proposed(self, follow):
        """Return whether this message is left to people, for whatever reason.

        :param follow: the followed conversation, as the person who follows it
        """
        try:
            follow.check_access("read")
            self.check_access("read")
        except AccessError:
            return True
        record = follow._get_record()
        if not (self.env.user.active and record and record.has_access("read")):
            return True
        if self._get_never_archived():
            return True
        private = self._get_private_bond()
        if private and follow._get_bond() not in private:
            return True
        links = self._search_links(
            [
                ("mailbox_message_id.thread_key", "=", follow.thread_key),
                ("res_model", "=", record._name),
                ("res_id", "=", record.id),
            ]
        )
        kind, _reason = self._get_part_taken(links.mailbox_message_id - self)
        return kind != "thread"


class MailMailboxFollow(models.Model):
    _inherit = "mail.mailbox.follow"

    def _ask(self):
        """Ask who follows whether to go on, since more people can read the record."""
        self.ensure_one()
        self.state = ASKS
        user = self.user_id
        mailboxes = self.env["mail.mailbox"].with_context(lang=user.lang)
        mailboxes._tell_people(
            user,
            mailboxes.env._("Followed conversation: more people would read it"),
            mailboxes.env._(
                "More people can read “%s” than when you began to follow a "
                "conversation there. New emails of it wait in the Queue. Under Mail, "
                "Email, Followed conversations, choose whether to go on.",
                self.res_name,
            ),
        )


class MailMailboxArrival(models.Model):
    """A new email may continue a followed conversation, or meet a rule."""

    _inherit = "mail.mailbox.arrival"

    def _after_create(self):
        # sudo: noted for whoever follows, made a rule or copied an address; archived
        # with their rights
        self.env["mail.mailbox.filing"].sudo()._note(self)
        super()._after_create()
