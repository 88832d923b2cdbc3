"""Trying cells of the matrix over the wire: by session, by API key and by XML-RPC."""

import inspect
import io
import json
import zipfile
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch
from xmlrpc.client import Fault

from odoo import fields
from odoo.exceptions import UserError
from odoo.service.model import get_public_method
from odoo.tests import HttpCase
from odoo.tests.common import get_db_name
from odoo.tools import SQL, mute_logger

from .matrix_world import MatrixCase

#: What is said of a call that is refused.
MUTED = (
    "odoo.http",
    "odoo.addons.rpc.controllers.xmlrpc",
    "odoo.addons.web.controllers.export",
    "odoo.service.server",
    "werkzeug",
)


class Refused(Exception):
    """An answer that is an error; its words are looked through as well."""


def in_words(content):
    """Return what stands in an answer, also in one that is packed."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "".join(
                f"{name} {in_words(archive.read(name))}" for name in archive.namelist()
            )
    return content.decode("utf-8", "replace")


class TryingHttpCase(MatrixCase, HttpCase):
    """Somebody of each role logs in and asks; each cell is undone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keep_what_waits()
        for target in cls.targets:
            for row in target.rows.values():
                if row._transient:
                    # a form is its filler's
                    cls.set_creator(row, target.reader)
        cls.env.invalidate_all()
        cls.keys = {
            role: cls.env["res.users.apikeys"]
            .with_user(user)
            .sudo()
            ._generate(None, "matrix", fields.Datetime.now() + timedelta(hours=1))
            for role, user in cls.people.items()
            if role != "public"
        }

    @classmethod
    def keep_what_waits(cls):
        """Give what could not be read its bytes, which building a row does not."""
        for target in cls.targets:
            row = target.rows["mail.mailbox.quarantine"]
            token = cls.new_token(target, row._name, "source")
            cls.env["ir.attachment"].create(
                {
                    "name": token,
                    "res_model": row._name,
                    "res_id": row.id,
                    "res_field": "source",
                    "raw": token.encode(),
                }
            )

    @classmethod
    def set_creator(cls, row, user):
        cls.env.cr.execute(
            SQL(
                "UPDATE %s SET create_uid = %s WHERE id = %s",
                SQL.identifier(row._table),
                user.id,
                row.id,
            )
        )

    def setUp(self):
        super().setUp()
        self.enterContext(mute_logger(*MUTED))
        self.found = {}

    # Asking

    def log_in(self, role):
        self.role, user = role, self.people[role]
        self.authenticate(None if role == "public" else user.login, user.login)

    @contextmanager
    def reader_of(self, target):
        """Be logged in as who may read all of a target."""
        with patch.dict(self.people, {"reader": target.reader}):
            self.log_in("reader")
            yield

    def open_page(self, path, **options):
        """Return what an answer says, its headers included, and note its status."""
        answer = self.url_open(path, allow_redirects=False, timeout=60, **options)
        self.ends[answer.status_code] += 1
        return f"{answer.headers} {in_words(answer.content)}"

    def ask(self, path, **params):
        """Return what a JSON route gives."""
        body = {"jsonrpc": "2.0", "params": params}
        answer = self.url_open(path, json=body, timeout=60)
        self.ends[answer.status_code] += 1
        told = answer.json()
        if "error" in told:
            raise Refused(answer.text)
        return told.get("result")

    def by_session(self, model, method, *args, **kwargs):
        path = f"/web/dataset/call_kw/{model}/{method}"
        return self.ask(path, model=model, method=method, args=args, kwargs=kwargs)

    def by_key(self, model, method, *args, **kwargs):
        function = get_public_method(self.env[model], method)
        names = list(inspect.signature(function).parameters)[1:]
        body = dict(kwargs)
        if not hasattr(function, "_api_model") and args:
            body["ids"], *args = args
        body |= zip(names, args, strict=False)
        headers = {
            "Authorization": f"Bearer {self.keys[self.role]}",
            "X-Odoo-Database": get_db_name(),
        }
        path = f"/json/2/{model}/{method}"
        answer = self.url_open(path, json=body, headers=headers, timeout=60)
        self.ends[answer.status_code] += 1
        if answer.status_code != 200:
            raise Refused(answer.text)
        return answer.json()

    def by_xmlrpc(self, model, method, *args, **kwargs):
        user = self.people[self.role]
        # as other programs write them, who know no names for kinds of commands
        args, kwargs = json.loads(json.dumps([args, kwargs]))
        try:
            return self.xmlrpc_object.execute_kw(
                get_db_name(), user.id, user.login, model, method, args, kwargs
            )
        except Fault as fault:
            raise Refused(str(fault)) from fault

    def call(self, model, method, *args, **kwargs):
        """Call by one way after the other; a visitor has a session alone."""
        ways = (self.by_session, self.by_key, self.by_xmlrpc)
        way = ways[0] if self.role == "public" else ways[self.cells % len(ways)]
        return way(model, method, *args, **kwargs)

    def try_cell(self, thunk):
        """Try one cell and undo it; return what was told."""
        self.cells += 1
        try:
            with self.cr.savepoint() as savepoint:
                told = thunk()
                savepoint.rollback()
            self.ends["told"] += 1
        except (Refused, UserError, AttributeError) as refusal:
            told = refusal
            self.ends["refused"] += 1
        return told

    def try_for(self, role, label, thunk, target=None, model=None):
        told = self.try_cell(thunk)
        leaks = {
            leak for leak in self.leaks(role, told) if not self.fills(role, *leak[:2])
        }
        if isinstance(told, str) and told.startswith("found"):
            leaks = {(target.name, model, told)}
        for leak in leaks:
            self.found.setdefault(leak, f"{role}: {label}")

    def fills(self, role, name, model):
        """Return whether a token stands in the form that ``role`` is filling in."""
        readers = {target.name: target.reader for target in self.targets}
        return self.env[model]._transient and self.people[role] == readers[name]

    def assertNothingFound(self):
        self.assertFalse(self.found, "\n".join(map(str, self.found.items())))
