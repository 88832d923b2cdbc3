"""The world that ``test_access_matrix`` looks into: people, and a secret in each field.

Nothing in here names a model or a field that is to be tried: models come from the
registry, their rows are made by one builder, and every field that holds words gets a
token of its own. So a model or a field of tomorrow is in the matrix by being there.
"""

import dataclasses
import itertools
import re
import sys
import time
from collections import Counter
from types import SimpleNamespace

from psycopg2 import Error

from odoo import Command
from odoo.exceptions import UserError
from odoo.models import LOG_ACCESS_COLUMNS
from odoo.tools import SQL, mute_logger

from .common import MANAGER, USER, MailboxCase, write_mail
from .mailcore.signatures import TEXT, Owner, apart, sign

TOKEN = re.compile(r"zq[a-z]+x\d{4}x")
MAGIC = {"id", *LOG_ACCESS_COLUMNS}
#: Models of ours that hold no mail and that every mail user reads, or only defines.
OPEN = {
    "mail.mailbox.record.type",
    "mail.mailbox.oauth.provider",
    "mail.mailbox.sending.account",
    "mail.mailbox.sending.setting",
}
#: Fields whose words mean something to the code that reads them.
CODES = {"res_model", "mailbox_res_model", "domain", "path", "error_code", "wire_name"}
#: What is read by who reads the message and may open its record; whom a message is
#: shown by a record in here, may.
OF_RECORD = {"mail.mailbox.link", "mail.mailbox.history", "mail.mailbox.follow"}
#: What is read by exactly who reads the message it belongs to.
DETAILS = OF_RECORD | {
    "mail.mailbox.message",
    "mail.mailbox.part",
    "mail.mailbox.sent",
    "mail.mailbox.delivery",
    "mail.mailbox.hold",
    "mail.mailbox.invitation.reply",
}
#: A mail administrator's: settings and the log, never what is in a private mailbox.
SETTINGS = {
    "mail.mailbox",
    "mail.mailbox.address",
    "mail.mailbox.skip.folder",
    "mail.mailbox.autoresponder.period",
    "mail.mailbox.break.glass",
}
#: What the form of a mailbox says as well: as whom it is signed in, and its health.
SHOWN = {
    ("mail.mailbox.oauth.token", "account"),
    ("mail.mailbox.quarantine", "culprit"),
}
#: Of nobody but who made them.
OWN = {"mail.mailbox.image.consent"}
ADMINISTRATORS = {"mail_admin", "both"}
#: Rules and holds are an administrator's; a hold is also read with what it protects,
#: a filing rule by who made it.
KEEPING = {
    "mail.mailbox.filing.rule",
    "mail.mailbox.never.archive",
    "mail.mailbox.hold",
    "mail.mailbox.retention.rule",
    "mail.mailbox.retention.run",
    "mail.mailbox.tombstone",
}


@dataclasses.dataclass
class Target:
    """Some mail that not everybody may read: a row of every model of ours."""

    name: str
    readers: set = dataclasses.field(default_factory=set)
    #: who reads the message, and not the mailbox
    of_message: set = dataclasses.field(default_factory=set)
    rows: dict = dataclasses.field(default_factory=dict)
    #: the id of an email that is signed
    signed: int = 0

    def may_read(self, role, model):
        """Return whether ``role`` may know what is in the row of ``model``.

        Said here once more, by hand, and not asked of what is tested.
        """
        if model in SETTINGS and role in ADMINISTRATORS and self.name != "elsewhere":
            return True
        if model in KEEPING and role in ADMINISTRATORS:
            return True
        if model == "mail.mailbox.draft":
            # handed to somebody for review
            return role == "same" and role in self.readers
        if model in OWN or ".wizard" in model or model.endswith("verification"):
            return False
        return role in self.readers or (model in DETAILS and role in self.of_message)


class MatrixCase(MailboxCase):
    """Twelve roles, three targets, and the tokens that are planted in them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterClassContext(
            mute_logger("odoo.sql_db", "odoo.models", "odoo.orm.models")
        )
        cls._numbers = itertools.count()
        #: token → (target, model, field)
        cls.tokens = {}
        cls.unplanted = []
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.foreman = cls.env["res.groups"].create(
            {"name": "Foreman", "mail_role": True}
        )
        cls.make_people()
        cls.partner = cls.env["res.partner"].create({"name": "Spostex S.A."})
        cls.targets = [cls.make_private(), cls.make_for_role(), cls.make_elsewhere()]
        for target in cls.targets:
            cls.fill(target)
        cls.env.flush_all()
        cls.env.invalidate_all()

    def setUp(self):
        super().setUp()
        #: how many cells were tried, and how they ended
        self.cells, self.ends = 0, Counter()
        self.started = time.monotonic()

    def tearDown(self):
        if self.cells:
            seconds = time.monotonic() - self.started
            sys.stderr.write(
                f"\n{self._testMethodName}: {self.cells} cells, {seconds:.0f} s"
                f" {self.ends}\n"
            )
        super().tearDown()

    # People

    @classmethod
    def make_people(cls):
        roles = {
            "plain": (),
            "other": (USER,),
            "same": (USER,),
            "with_role": (USER,),
            "without_role": (USER,),
            "responsible": (USER,),
            "mail_admin": (MANAGER,),
            "settings_admin": ("base.group_system",),
            "access_admin": ("base.group_erp_manager",),
            "both": (MANAGER, "base.group_system"),
        }
        made = cls.make_users({f"matrix_{role}": roles[role] for role in roles})
        cls.people = dict(zip(roles, made, strict=True))
        cls.people["with_role"].group_ids = [Command.link(cls.foreman.id)]
        portal = cls.make_user("matrix_portal")
        portal.group_ids = [Command.set(cls.env.ref("base.group_portal").ids)]
        cls.people |= {"portal": portal, "public": cls.env.ref("base.public_user")}
        cls.board = cls.make_user("matrix_board", USER)
        cls.stranger_mailboxes = {
            role: cls.make_mailbox(f"{role}@spedbud.example", user)
            for role, user in cls.people.items()
            if user.has_group(USER)
        }

    # Targets

    @classmethod
    def make_private(cls):
        target = Target("private")
        mailbox = cls.make_mailbox("board@spedbud.example", cls.board, private=True)
        cls.put_mail(target, mailbox)
        return target

    @classmethod
    def make_for_role(cls):
        target = Target("role", {"same", "responsible", *ADMINISTRATORS}, {"with_role"})
        people = cls.people["responsible"], cls.people["same"]
        mailbox = cls.make_mailbox("site@spedbud.example", *people)
        cls.put_mail(target, mailbox, roles=cls.foreman)
        return target

    @classmethod
    def make_elsewhere(cls):
        target = Target("elsewhere")
        person = cls.make_user(
            "matrix_elsewhere",
            USER,
            company_id=cls.elsewhere.id,
            company_ids=[Command.set(cls.elsewhere.ids)],
        )
        mailbox = cls.make_mailbox(
            "far@spedbud.example", person, company_id=cls.elsewhere.id
        )
        cls.put_mail(target, mailbox)
        return target

    @classmethod
    def put_mail(cls, target, mailbox, roles=None):
        """Have a message in ``mailbox``, with all that comes with one, and archive it.

        Where nobody of the roles may open the record, for the first and last target.
        """
        token = cls.new_token(target, "mail.mailbox.message", "source")
        mail = write_mail(subject=token, text=token)
        mail.add_attachment(token.encode(), "text", "x-log", filename=f"{token}.log")
        arrival = cls.deliver(mailbox, mail)
        message = arrival.mailbox_message_id
        record = cls.partner
        if target.name == "elsewhere":
            record = record.copy({"company_id": cls.elsewhere.id})
        reader = mailbox.user_ids[:1]
        link = message.with_user(reader).sudo()._archive(record, roles, mailbox)
        rule = cls.env["mail.mailbox.filing.rule"].create(
            {
                "name": token,
                "words": token,
                "record_type_id": cls.env.ref(
                    "mail_mailbox_archive.record_type_contact"
                ).id,
                "res_id": record.id,
                "user_id": reader.id,
            }
        )
        target.rows = {
            one._name: one.sudo()
            for one in (
                mailbox,
                arrival,
                message,
                arrival.folder_id,
                message.part_ids[:1],
                link,
                message.history_ids[:1],
                mailbox.skip_folder_ids[:1],
                rule,
            )
        }
        draft = cls.env["mail.mailbox.draft"].create(
            # who reads one of the mailboxes only looks at the drafts of all
            {
                "mailbox_id": mailbox.id,
                "review": "asked",
                "reviewer_id": cls.people["same"].id,
            }
        )
        target.rows[draft._name] = draft
        cls.put_inside(target, message.part_ids[:1].sudo())
        target.reader = reader
        signed = cls.put_signed(target, mailbox)
        signed.with_user(reader).sudo()._archive(record, roles, mailbox)
        target.signed = signed.id

    @classmethod
    def put_inside(cls, target, part):
        """Have an invoice inside of an attachment, with a token in each word of it."""
        names = "form kind number day due total currency seller seller_tax buyer_tax"
        said = {
            name: cls.new_token(target, part._name, f"invoice.{name}")
            for name in names.split()
        }
        said |= {"day": "", "due": "", "total": ""}
        inside = cls.env["mail.mailbox.inside"]._store(
            target.name, {"words": target.name, "invoice": said}
        )
        part._note_inside(inside)
        target.rows[inside._name] = inside

    @classmethod
    def put_signed(cls, target, mailbox):
        """Have an email whose signature tells a token: the name of who signed."""
        name = cls.new_token(target, "mail.mailbox.message", "signature")
        source = apart(sign(TEXT, Owner(name)), subject=f"Signed {target.name}")
        mail = SimpleNamespace(as_bytes=lambda: source)
        return cls.deliver(mailbox, mail).mailbox_message_id

    # Rows and tokens

    @classmethod
    def our_models(cls):
        """Return the names of the models of ours that have rows."""
        return sorted(
            name
            for name, model in cls.env.items()
            if name.startswith("mail.mailbox") and model._auto and not model._abstract
        )

    @classmethod
    def fill(cls, target):
        wanted = [name for name in cls.our_models() if name not in OPEN]
        for _again in range(3):
            # what a row needs to refer to may be made after it
            failed = {
                name: error
                for name in wanted
                if name not in target.rows and (error := cls.build(target, name))
            }
        cls.unplanted += failed.items()
        for row in target.rows.values():
            cls.plant(target, row)

    @classmethod
    def build(cls, target, name):
        """Make a row of a model that belongs to ``target``; return why it cannot be."""
        model = cls.env[name].with_context(tracking_disable=True)
        if there := cls.find(target, model):
            target.rows[name] = there
            return None
        try:
            with cls.env.cr.savepoint():
                values = {
                    field.name: value
                    for field in model._fields.values()
                    if (value := cls.value_for(target, field)) is not None
                }
                row = model.create(values)
                cls.env.flush_all()
        except (Error, UserError, ValueError) as error:
            return str(error)
        target.rows[name] = row
        return None

    @classmethod
    def find(cls, target, model):
        """Return a row that came with the mail, by what every row has to refer to."""
        for field in model._fields.values():
            if field.type == "many2one" and field.required and field.store:
                row = target.rows.get(field.comodel_name)
                if row and (
                    found := model.search([(field.name, "=", row.id)], limit=1)
                ):
                    return found
        return model.browse()

    @classmethod
    def value_for(cls, target, field, words=None):
        """Return a value for a field of a new row; None to leave it to its default.

        :param words: what stands in fields of words, a token of ``target`` otherwise
        """
        if not field.store or field.name in MAGIC or (field.compute and field.readonly):
            return None
        if field.type == "many2one":
            if field.comodel_name in target.rows:
                return target.rows[field.comodel_name].id
            if field.comodel_name == "res.users":
                return target.reader.id
            wanted = field.required and cls.env[field.comodel_name].search([], limit=1)
            return wanted.id if wanted else None
        if not field.required or field.default:
            return None
        if field.type in ("char", "text", "html"):
            token = cls.new_token(target, field.model_name, field.name)
            return words or f"{token}@zq.example"
        examples = {
            "integer": 1,
            "float": 1.0,
            "boolean": False,
            "date": "2026-11-02",
            "datetime": "2026-11-02 10:00:00",
            "binary": b"eA==",
            "many2one_reference": cls.partner.id,
        }
        if field.type == "selection":
            return field.get_values(cls.env)[0]
        return examples.get(field.type)

    @classmethod
    def plant(cls, target, record):
        """Write a token into each field of ``record`` that holds words.

        Past the ORM, since what is written there is often the system's alone.
        """
        cls.env.flush_all()
        for field in record._fields.values():
            words = field.type in ("char", "text", "html") and field.column_type
            if not words or not field.store or field.name in CODES or field.translate:
                continue
            token = cls.new_token(target, record._name, field.name)
            value = f"{token}@zq.example"
            try:
                with cls.env.cr.savepoint():
                    cls.env.cr.execute(
                        SQL(
                            "UPDATE %s SET %s = %s WHERE id = %s",
                            SQL.identifier(record._table),
                            SQL.identifier(field.name),
                            value,
                            record.id,
                        )
                    )
            except Error as error:
                cls.unplanted.append((str(field), str(error)))
        record.invalidate_recordset()

    @classmethod
    def new_token(cls, target, model, name):
        token = f"zq{target.name[0]}x{next(cls._numbers):04d}x"
        cls.tokens[token] = (target, model, name)
        return token

    # What was told

    def leaks(self, role, told):
        """Return the (model, field) of what ``role`` was told and may not know."""
        found = set(TOKEN.findall(str(told)))
        return {
            (target.name, model, name)
            for token in found
            for target, model, name in [self.tokens[token]]
            for at in ["mail.mailbox" if (model, name) in SHOWN else model]
            if not target.may_read(role, at)
        }
