"""What the suites share: people by role, mailboxes, messages, words for asserting."""

import inspect
import itertools
import threading
import zlib
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.policy import SMTP
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command
from odoo.api import Environment
from odoo.tests import TransactionCase
from odoo.tools import SQL

from odoo.addons.base.models.ir_autovacuum import is_autovacuum
from odoo.addons.mail_mailbox_archive.mailcore.addresses import sender_domain
from odoo.addons.mail_mailbox_archive.mailcore.imap.events import Fetched
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse
from odoo.addons.mail_mailbox_archive.models.mailbox import secrets

USER = "mail_mailbox_archive.group_user"
MANAGER = "mail_mailbox_archive.group_manager"
#: To make a person at half the cost: nobody reads the invitation, nor follows them.
UNINVITED = {
    "no_reset_password": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
}
WARSAW_NOON = datetime(2026, 11, 2, 12, 0, tzinfo=timezone(timedelta(hours=1)))

#: The server whose word on a sender mailboxes trust.
SERVER = "mx.spedbud.example"


def write_mail(subject="Hello", text="Hello", **headers):
    """Return the source of a message, with a Message-ID made from its subject.

    Headers are given with underscores: ``reply_to="a@example.com"``.
    """
    mail = EmailMessage(policy=SMTP)
    headers = {
        "from": "Anna Nowak <anna.nowak@spostex.example>",
        "to": "office@spedbud.example",
        "date": "Mon, 02 Nov 2026 10:00:00 +0100",
        "message_id": f"<{zlib.crc32((subject + text).encode())}@spostex.example>",
    } | headers
    mail["Subject"] = subject
    for name, value in headers.items():
        mail[name.replace("_", "-").title()] = value
    mail.set_content(text)
    return mail


def our_models(env):
    """Return every model of this add-on and of those beside it, empty."""
    rows = env["ir.model.data"].search(
        [("module", "=like", "mail_mailbox_archive%"), ("model", "=", "ir.model")]
    )
    names = env["ir.model"].browse(rows.mapped("res_id")).mapped("model")
    found = [env[name] for name in names if name.startswith("mail.mailbox")]
    if len(found) <= 30:
        raise AssertionError("models of ours are not found any more")
    return found


def cron_time(env, left=lambda *_args, **_progress: 3600):
    """Patch what a scheduled action is told: ``left`` gives the seconds that remain.

    Odoo commits there, which a test in a transaction may not.
    """
    return patch.object(type(env["ir.cron"]), "_commit_progress", left)


def sending_allowed(env):
    """Patch Odoo, which sends nothing in tests: servers of ours take it."""
    servers = type(env["ir.mail_server"])
    return patch.object(servers, "_disable_send", classmethod(lambda _class: False))


def refusing(model, error, when=lambda values: True):
    """Patch a model: to create a row of it fails where ``when`` is true of its values.

    :param error: the exception that is raised
    """
    create = type(model).create

    def refuse(records, vals_list):
        for values in [vals_list] if isinstance(vals_list, dict) else vals_list:
            if when(values):
                raise error
        return create(records, vals_list)

    return patch.object(type(model), "create", refuse)


def option_set(name, value):
    """Patch one option of our section of odoo.conf; the others stay."""
    real = secrets.get_option

    def get(asked, old_name):
        return value if asked == name else real(asked, old_name)

    return patch.object(secrets, "get_option", get)


def make_older(record):
    """Have ``record`` be made a day before: another record had its number then."""
    record.env.flush_all()
    record.env.cr.execute(
        SQL(
            "UPDATE %s SET create_date = create_date - interval '1 day' WHERE id = %s",
            SQL.identifier(record._table),
            record.id,
        )
    )
    record.env.invalidate_all()


def clean_nightly(env):
    """Do what the nightly cleaning does in the models of ours."""
    for name, model in env.items():
        if name.startswith("mail.mailbox"):
            for _attribute, method in inspect.getmembers(type(model), is_autovacuum):
                method(model)


def at_the_same_moment(registry, work):
    """Call ``work(env, begin)`` in two workers, each with a transaction of its own.

    :param work: calls ``begin()``, which returns once both are there
    :return: the errors
    """
    barrier, faults = threading.Barrier(2), []

    def run():
        try:
            with registry.cursor() as cr:
                work(Environment(cr, SUPERUSER_ID, {}), barrier.wait)
        except Exception as error:  # told to the test
            faults.append(error)

    workers = [threading.Thread(target=run) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return faults


def remove_mail(mailbox):
    """Remove what a mailbox that was committed got, for the mailbox itself to go."""
    arrivals = mailbox.env["mail.mailbox.arrival"].search(
        [("mailbox_id", "=", mailbox.id)]
    )
    messages = arrivals.mailbox_message_id
    arrivals.unlink()
    messages.unlink()


class MailboxCase(TransactionCase):
    """People of a small company and their mailboxes, without a server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # no test asks anybody outside of this machine
        cls.startClassPatcher(
            patch.object(sender_domain, "system_lookup", side_effect=OSError("offline"))
        )
        cls.uids = itertools.count(1)
        cls.member, cls.colleague, cls.outsider, cls.manager = cls.make_users(
            {"member": (USER,), "colleague": (USER,), "outsider": (USER,)}
            | {"manager": (MANAGER,)}
        )
        cls.mailbox = cls.make_mailbox("office@spedbud.example", cls.member)

    @classmethod
    def make_user(cls, login, *groups, **values):
        return cls.make_users({login: groups}, **values)

    @classmethod
    def make_users(cls, people, **values):
        """Make people at once, of whom each costs less than one made alone.

        :param people: groups by the end of the login, beside those of every employee
        :param values: of all of them
        """
        model = cls.env["res.users"].with_context(**UNINVITED)
        return model.create(
            [
                {
                    "login": f"mailbox_{name}",
                    "password": f"mailbox_{name}",
                    "name": f"mailbox_{name} ({','.join(groups)})",
                    "email": "m.m@example.com",
                    "group_ids": [Command.set([cls.env.ref(g).id for g in groups])],
                    **values,
                }
                for name, own in people.items()
                for groups in [("base.group_user", "base.group_allow_export", *own)]
            ]
        ).with_env(cls.env)

    @classmethod
    def make_mailbox(cls, email, *users, **values):
        users = list(users) or [cls.member]
        return cls.env["mail.mailbox"].create(
            {
                "name": email.partition("@")[0],
                "email": email,
                "responsible_id": users[0].id,
                "user_ids": [Command.set([user.id for user in users])],
                "imap_enabled": False,
                **values,
            }
        )

    @classmethod
    def make_board(cls, **values):
        """Make the private mailbox ``board``, which belongs to the member."""
        board = "board@spedbud.example"
        values = {"private": True, "trusted_server": SERVER, **values}
        cls.board = cls.make_mailbox(board, cls.member, **values)

    @classmethod
    def make_folder(cls, mailbox, name="INBOX"):
        return mailbox.folder_ids.filtered(lambda f: f.name == name) or cls.env[
            "mail.mailbox.folder"
        ].create(
            {
                "mailbox_id": mailbox.id,
                "name": name,
                "wire_name": name,
                "uid_validity": 1,
            }
        )

    @classmethod
    def deliver(cls, mailbox, mail=None, live=True, folder="INBOX", **values):
        """Put a message into a mailbox as a poll does; return its arrival."""
        source = (mail or write_mail(**values)).as_bytes()
        fetched = Fetched(
            uid=next(cls.uids),
            internal_date=WARSAW_NOON,
            seen=False,
            size=len(source),
            source=source,
            message=parse(source),
        )
        messages = cls.env["mail.mailbox.message"]._store([fetched])
        cls.env["mail.mailbox.arrival"]._place(
            cls.make_folder(mailbox, folder), [fetched], messages, live
        )
        (message,) = messages.values()
        return message.arrival_ids.filtered(lambda a: a.mailbox_id == mailbox)
