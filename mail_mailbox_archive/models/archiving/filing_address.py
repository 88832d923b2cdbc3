from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import consteq, hmac

from ...mailcore.addresses import address
from ...mailcore.read import filing
from ..mailbox.arguments import checked, record_id, text
from .record_detail import made_of
from .suggestion import ENOUGH, SCORES, Suggestion

GROUP = "mail_mailbox_archive.group_user"
#: For how long an address is valid: it stays the same for a while, then is another.
VALID, SAME = timedelta(days=90), 30


class MailMailbox(models.Model):
    """A mailbox whose emails are archived by the address they are sent to."""

    _inherit = "mail.mailbox"

    filing_by_address = fields.Boolean(
        "Archive by address",
        help="Each record has an address of this mailbox. An email that is sent to it "
        "is archived to the record, with the rights of the person who copied the "
        "address.",
    )

    @api.model
    def _get_filing_bases(self):
        # sudo: addresses of ours, which a poll compares with those in emails
        rows = self.env["mail.mailbox.address"].sudo()
        switched_on = Domain("mailbox_id.filing_by_address", "=", True)
        found = rows.search(switched_on & Domain("in_use", "=", True))
        return super()._get_filing_bases() | set(found.mapped("email_normalized"))

    def _get_filing_address(self, record, known):
        """Return the address by which the user archives to ``record``; "" for none.

        :param known: as of :meth:`_get_filing_readers`
        """
        self.ensure_one()
        today = fields.Date.today().toordinal()
        day = (today + VALID.days) // SAME * SAME
        digest = self._get_filing_digest(record, day, known)
        token = filing.Token(self.env.uid, _since_1970(day), digest).write()
        main = address.normalise(self.email or "")
        return filing.write(main, _slug(record._name), record.id, token)

    def _get_filing_digest(self, record, day, known):
        """Return what proves a token of the user: for one record, and one audience.

        When somebody else can read the record by now, the digest is another one.

        :param known: as of :meth:`_get_filing_readers`
        """
        made = self._get_filing_mark(record._name, record.id, self.env.uid, day)
        readers = self._get_filing_readers(record, known)
        said = (made, str(made_of(record).get(record.id)), readers)
        return made + self._digest_filing("read", said)[: filing.DIGEST - filing.MADE]

    def _get_filing_mark(self, model, res_id, user_id, day):
        """Return what a digest begins with; no query says whether it was made here."""
        said = (self.id, model, res_id, user_id, day)
        return self._digest_filing("made", said)[: filing.MADE]

    @api.model
    def _digest_filing(self, kind, said):
        scope = f"mail_mailbox_archive.filing.{kind}"
        # sudo: the key is the database's
        return bytes.fromhex(hmac(self.env(su=True), scope, repr(said)))

    def _get_filing_readers(self, record, known):
        """Return the ids of those who read ``record`` and this mailbox's emails on it.

        :param known: a dict for one call; each of the people costs a query
        """
        # sudo: the mailbox's own people; only a digest says who they are
        mailbox = self.sudo()
        group = self.env.ref(GROUP).sudo()
        people = group.all_user_ids.filtered(lambda one: one.active and not one.share)
        if mailbox.private:
            people &= mailbox.user_ids
        key = (record._name, record.id, people)
        if key not in known:
            messages = self.env["mail.mailbox.message"]
            known[key] = sorted(messages._filter_readers(record, people).ids)
        return known[key]


class MailMailboxArrival(models.Model):
    """An email that was sent to the filing address of a record.

    A token acts for the person who copied it; without one it is the sender, if proven
    and one of ours, who put the address there knowingly: not by replying, by which an
    address that somebody else wrote comes along.
    """

    _inherit = "mail.mailbox.arrival"

    #: Tokens are in it until it is archived, less than a minute.
    filing_tags = fields.Json(readonly=True, copy=False, groups=fields.NO_ACCESS)

    @api.model
    def _prepare_values(self, mailbox, folder, fetched, message, live):
        values = super()._prepare_values(mailbox, folder, fetched, message, live)
        if live and fetched.tags and mailbox.filing_by_address:
            values["filing_tags"] = _as_json(fetched.tags)
        return values

    @api.model
    def _prepare_values_of_source(self, source):
        values = super()._prepare_values_of_source(source)
        if tags := filing.read_tags(source):
            values["filing_tags"] = _as_json(tags)
        return values

    def _take_filing_tags(self):
        """Return the tags of :meth:`_get_filing_tags`, and hide all tokens."""
        self.ensure_one()
        tags = self._get_filing_tags()
        # sudo: the tags are the system's
        arrival = self.sudo()
        if arrival.filing_tags:
            there = [filing.Tag(**one) for one in arrival.filing_tags]
            arrival.filing_tags = _as_json(_without_token(tag) for tag in there)
        return tags

    def _file_by_address(self, tags):
        """Archive this email to the records whose addresses it was sent to."""
        self.ensure_one()
        known = {}
        for tag in tags:
            for record in self._find_meant(tag, known):
                self._file_to(record)

    def _get_filing_tags(self):
        """Return the tags that are of this mailbox's own addresses."""
        # sudo: the tags are the system's
        arrival = self.sudo()
        if not arrival.mailbox_id.filing_by_address:
            return []
        tags = [filing.Tag(**one) for one in arrival.filing_tags or ()]
        own = arrival.mailbox_id._get_own_addresses()
        return [tag for tag in tags if tag.address in own]

    def _find_meant(self, tag, known):
        """Return the record that ``tag`` names, as the person it acts for."""
        token = filing.read_token(tag.token)
        if token and not _is_made_here(self.mailbox_id, tag, token):
            return []
        if token:
            user = self.env["res.users"].browse(token.user_id).exists()
        elif tag.token:
            # one that was meant to prove something, and does not
            return []
        else:
            user = self.mailbox_message_id._get_author(tag, self.mailbox_id)
        if not user or not user.active:
            return []
        env = self.env(user=user.id, su=False)
        companies = user.company_ids.ids
        mailbox = self.mailbox_id.with_env(env).with_context(
            allowed_company_ids=companies
        )
        found = _find_records(mailbox.env, tag)
        if token:
            found = [one for one in found if _is_proven(mailbox, one, token, known)]
        return found if len(found) == 1 else []

    def _file_to(self, record):
        """Archive this email to ``record``, with the rights of its person by now."""
        message = self.mailbox_message_id.with_env(record.env)
        mailbox = self.mailbox_id
        if not record.env.user.has_group(GROUP):
            return
        try:
            message.check_access("read")
            record.check_access("write")
        except AccessError:
            return
        private = message._get_private_bond()
        # sudo: whether it is the mailbox of the address, seen or not
        if message._get_never_archived() or (private and mailbox not in private.sudo()):
            return
        bond = mailbox if mailbox.private else mailbox.browse()
        message._archive(
            record, bond=bond.with_env(record.env), cause=ByAddress(record.env)
        )


class ByAddress:
    """Why an email is archived: it was sent to the record's address."""

    def __init__(self, env):
        self._env = env

    def _prepare_cause(self):
        """Return the values of a link that this made."""
        return {"by_address": True}

    def _get_reason(self):
        """Return why an email was archived, for its history."""
        return self._env._("Automatically: it was sent to this record's address.")


class MailMailboxMessage(models.Model):
    """Whose a message is, and the record that its address names, as evidence."""

    _inherit = "mail.mailbox.message"

    @api.model
    @checked(res_model=text, res_id=record_id)
    def get_filing_addresses(self, res_model, res_id):
        """Return the addresses by which the user can archive to a record by email.

        :return: list of dicts of ``mailbox`` and ``address``
        :raises AccessError: the user may not change the record
        """
        model = self.env.get(res_model)
        if model is None or res_model not in self._get_filing_models():
            return []
        record = model.browse(res_id).exists()
        record.check_access("write")
        mailboxes = self._get_filing_mailboxes() if record else []
        known = {}
        found = [
            (one.email, one._get_filing_address(record, known)) for one in mailboxes
        ]
        return [{"mailbox": box, "address": one} for box, one in found if one]

    @api.model
    def _get_filing_mailboxes(self):
        mailboxes = self.env["mail.mailbox"]
        if not mailboxes.has_access("read"):
            return mailboxes
        switched_on = Domain("filing_by_address", "=", True)
        found = mailboxes.search(switched_on & Domain("user_ids", "in", self.env.uid))
        # whoever has temporary access archives nothing in its name
        return found.filtered(lambda one: self.env.user in one._get_own_people())

    @api.model
    def _get_filing_models(self):
        return self.env["mail.mailbox.record.type"]._get_tab_model_names()

    @api.model
    def _get_attached(self, domain, offset, limit):
        page = super()._get_attached(domain, offset, limit)
        return {**page, "by_address": bool(self._get_filing_mailboxes())}

    def _get_author(self, tag, mailbox):
        """Return the user who wrote this message to ``tag``, if proven, else nobody.

        One whose own address it is: nobody gives themselves one. An address that the
        recipients see may be there because another email named it, in its Reply-To.

        :param mailbox: of the address
        """
        self.ensure_one()
        users = self.env["res.users"]
        # sudo: whose address it is; with their rights alone something is done
        message = self.sudo()
        senders = message._get_addresses(message.email_from)
        proven = message._is_authenticated(mailbox, named=True)
        if tag.shown or len(senders) != 1 or not proven:
            return users
        named = Domain("login", "=ilike", _plain(senders[0]))
        named |= Domain("email_normalized", "=", senders[0])
        # sudo: as above
        found = (
            users.sudo()
            .search(named)
            .filtered(lambda user: user._are_own_addresses(set(senders)))
        )
        return found if len(found) == 1 else users

    def _find_by_filing_address(self):
        """Return the records whose filing address this message was sent to."""
        # sudo: whether there is any, as of most there is none; who reads it is asked
        tagged = self.sudo().arrival_ids.filtered("filing_tags").sudo(False)
        arrivals = tagged and tagged._filtered_access("read")
        reason = self.env._("It was sent to this record's address.")
        return [
            Suggestion(record, reason, SCORES["address"], enough="address" in ENOUGH)
            for arrival in arrivals
            for tag in arrival._get_filing_tags()
            for record in _find_records(self.env, tag)
        ]


class MailMailboxLink(models.Model):
    """Links that an address made."""

    _inherit = "mail.mailbox.link"

    by_address = fields.Boolean("Archived by its address", readonly=True)

    def _get_cause(self):
        return super()._get_cause() or (self.by_address and "address")


def _find_records(env, tag):
    """Return the records that ``tag`` may name, which the user can read."""
    models_ = env["mail.mailbox.record.type"]._get_tab_model_names()
    named = [env[name] for name in models_ if _slug(name) == tag.slug]
    found = [model.browse(tag.res_id).exists() for model in named]
    return [one for one in found if one and one.has_access("read")]


def _is_made_here(mailbox, tag, token):
    """Return whether ``token`` may be one of ours; anybody can make some up."""
    day = token.day + _EPOCH
    if day < fields.Date.today().toordinal():
        return False
    models_ = mailbox.env["mail.mailbox.record.type"]._get_tab_model_names()
    begun = token.digest[: filing.MADE].hex()
    marks = [
        mailbox._get_filing_mark(name, tag.res_id, token.user_id, day).hex()
        for name in models_
        if _slug(name) == tag.slug
    ]
    return any(consteq(mark, begun) for mark in marks)


def _is_proven(mailbox, record, token, known):
    """Return whether ``token`` is the user's, for ``record`` and who reads it now."""
    digest = mailbox._get_filing_digest(record, token.day + _EPOCH, known)
    return consteq(digest.hex(), token.digest.hex())


def _slug(model):
    """Return the last word of a model's name, for people to recognize."""
    return model.rpartition(".")[2]


_EPOCH = fields.Date.to_date("1970-01-01").toordinal()


def _since_1970(day):
    return day - _EPOCH


def _plain(value):
    """Return ``value`` so that ``=ilike`` takes no letter of it for a pattern."""
    return value.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _as_json(tags):
    return [{name: getattr(tag, name) for name in filing.Tag.__slots__} for tag in tags]


def _without_token(tag):
    token = tag.token and filing.HIDDEN
    return filing.Tag(tag.address, tag.slug, tag.res_id, token, tag.shown)
