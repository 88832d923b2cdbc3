"""Over the wire: who may not read something learns nothing of it by any way in.

The ways of ``matrix_ways`` go through the session of the web client, ``/json/2`` with
an API key and XML-RPC, by turns. Besides: files and pictures, exports, the chatter's
and the web client's own routes, every route of ours (enumerated from the routing map),
and the channels of the bus. ``python3 setup test --long`` tries every third cell.
"""

import inspect
import io
import json
import threading
import zipfile
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch
from xmlrpc.client import Fault

from werkzeug.routing import IntegerConverter

from odoo import fields, http
from odoo.exceptions import UserError
from odoo.service.model import get_public_method
from odoo.tests import HttpCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import SQL, mute_logger

from odoo.addons.mail_mailbox_archive.models.mailbox.guarded import ToldName

from .matrix_ways import WAYS, planted
from .matrix_world import TOKEN, MatrixCase
from .reliability.extent import extent

OURS = "odoo.addons.mail_mailbox_archive"
#: The converters of numbers: Odoo has one of its own below this.
NUMBER = IntegerConverter.__base__
#: What may be asked of a page besides, each alone.
QUESTIONS = ("", "?download=1", "?print=1&dark=1")
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


@tagged("post_install", "-at_install")
class TestAccessMatrixHttp(MatrixCase, HttpCase):
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

    # Calls

    def test_nobody_learns_by_a_call(self):
        cells = [
            (target, row, f"{way} {label}", thunk)
            for target in extent(self.targets[:1], self.targets)
            for row in target.rows.values()
            for way, make in WAYS.items()
            for label, thunk in make(self.call, self.env[row._name], row)
        ]
        step = extent(97, 3)
        for shift, role in enumerate(self.people):
            self.log_in(role)
            # a step that is no multiple of the number of ways in
            for target, row, label, thunk in cells[shift % step :: step]:
                if not target.may_read(role, row._name):
                    self.try_for(role, label, thunk, target, row._name)
        self.assertNothingFound()

    def test_readers_are_told_by_each_way_in(self):
        """Or nothing would be found because nothing is told."""
        target = self.targets[1]
        self.log_in("same")
        row = target.rows["mail.mailbox.message"]
        for way in (self.by_session, self.by_key, self.by_xmlrpc):
            told = way(row._name, "read", row.ids, ["subject"])
            self.assertTrue(TOKEN.findall(str(told)), way)

    # Files, exports, the web client's own routes

    def content_paths(self, row):
        for name in extent(planted(row)[:1], planted(row)) + [
            field.name for field in row._fields.values() if field.type == "binary"
        ]:
            yield f"/web/content/{row._name}/{row.id}/{name}"
            yield f"/web/image/{row._name}/{row.id}/{name}"
            yield (
                f"/web/content?model={row._name}&id={row.id}&field={name}"
                "&filename_field=display_name"
            )

    def file_paths(self):
        """Yield how each file is asked for that belongs to something of ours."""
        files = self.env["ir.attachment"].sudo()
        # those of a field are found only where their ids are asked for
        ours = [("res_model", "=like", "mail.mailbox%"), ("id", "!=", 0)]
        for file in files.search(ours):
            yield f"/web/content/{file.id}?download=1"
            yield f"/web/image/{file.id}"
            yield f"/web/content/ir.attachment/{file.id}/datas"
            yield f"/web/content/ir.attachment/{file.id}/index_content"

    def asked_of(self, row):
        """Yield (path, parameters) of what the web client asks about a record."""
        name, number = row._name, row.id
        yield (
            "/web/action/load_breadcrumbs",
            {"actions": [{"model": name, "resId": number}]},
        )
        thread = {"thread_model": name, "thread_id": number}
        parts = ["activities", "attachments", "followers", "suggestedRecipients"]
        yield (
            "/mail/data",
            {"fetch_params": [["mail.thread", thread | {"request_list": parts}]]},
        )
        yield "/mail/thread/messages", thread
        yield "/mail/thread/recipients", thread
        yield "/mail/read_subscription_data", {"follower_id": number}

    def export(self, row):
        """Return the file of the web client's own export of a record."""
        names = [*planted(row), "display_name"]
        data = {
            "model": row._name,
            "fields": [{"name": name, "label": name, "type": "char"} for name in names],
            "ids": row.ids,
            "domain": [],
            "import_compat": False,
        }
        form = {"data": json.dumps(data), "csrf_token": http.Request.csrf_token(self)}
        kind = ("csv", "xlsx")[self.cells % 2]
        return self.open_page(f"/web/export/{kind}", data=form)

    def test_nobody_learns_by_the_web_clients_own_routes(self):
        files = list(self.file_paths())
        self.assertGreater(len(files), 10)
        rows = [
            (target, row)
            for target in extent(self.targets[:1], self.targets)
            for row in target.rows.values()
        ]
        for shift, role in enumerate(self.people):
            self.log_in(role)
            for path in files:
                self.try_for(role, path, lambda path=path: self.open_page(path))
            step = extent(3, 1)
            for target, row in rows[shift % step :: step]:
                if not target.may_read(role, row._name):
                    self.try_web_client(role, row)
        self.assertNothingFound()

    def try_web_client(self, role, row):
        for path in self.content_paths(row):
            self.try_for(role, path, lambda path=path: self.open_page(path))
        for path, params in self.asked_of(row):
            self.try_for(role, path, lambda p=path, q=params: self.ask(p, **q))
        self.try_for(role, f"export {row}", lambda: self.export(row))
        path = f"/mail/view?model={row._name}&res_id={row.id}"
        self.try_for(role, path, lambda: self.open_page(path))

    def test_nobody_learns_by_the_actions_as_json(self):
        """``/json/1`` gives what an action's view shows."""
        self.env["ir.config_parameter"].set_param("web.json.enabled", "True")
        actions = self.env["ir.actions.act_window"].search(
            [("res_model", "=like", "mail.mailbox%")]
        )
        self.assertGreater(len(actions), 10)
        roles = extent(("other", "mail_admin", "without_role"), self.people)
        for role in roles:
            self.log_in(role)
            for action in actions:
                for path in self.json_paths(action):
                    self.try_for(role, path, lambda path=path: self.open_page(path))
        self.assertNothingFound()

    def json_paths(self, action):
        start = f"/json/1/action-{action.id}"
        for target in self.targets:
            if row := target.rows.get(action.res_model):
                yield f"{start}/{row.id}"
        yield f"{start}?domain=[]&view_type=list&limit=80&offset=0"

    # Routes of ours

    def our_routes(self):
        """Return the rules of the routing map whose code is ours."""
        thread = threading.current_thread()
        # what a request knows
        with patch.object(thread, "dbname", get_db_name(), create=True):
            rules = self.env["ir.http"].routing_map().iter_rules()
        return [
            rule
            for rule in rules
            if inspect.unwrap(rule.endpoint.func).__module__.startswith(OURS)
        ]

    def paths_of(self, rule):
        """Yield paths of a route with every number that a row of ours has."""
        kinds = {name: rule._converters[name] for name in rule.arguments}
        numbers = {row.id for target in self.targets for row in target.rows.values()}
        if not any(isinstance(kind, NUMBER) for kind in kinds.values()):
            numbers = {0}
        for number in sorted(numbers):
            values = {
                name: number if isinstance(kind, NUMBER) else "x"
                for name, kind in kinds.items()
            }
            _domain, path = rule.build(values)
            yield path

    def find_paths(self):
        """Return by route the paths by which some reader is told something."""
        found = {}
        for target in self.targets:
            with self.reader_of(target):
                for rule in self.our_routes():
                    if "GET" not in rule.methods:
                        continue
                    for path in self.paths_of(rule):
                        told = self.try_cell(lambda path=path: self.open_page(path))
                        if TOKEN.findall(str(told)):
                            found.setdefault(rule.rule, set()).add(path)
        return found

    #: Who asks them is no person with a session, or they tell of nothing that is here.
    WITHOUT_A_RECORD = {
        "/mail_mailbox_archive/hook/<string:provider>/<string:token>",
        "/mail_mailbox_archive/oauth/callback",
        # leads to the page of an email, or says that there is none to read
        "/mail_mailbox_archive/email",
        # of a dialog, which is nobody's but of who opened it
        "/mail_mailbox_archive/export/<int:wizard_id>",
        # of a part inside of another; the token is a right of its own
        "/mail_mailbox_archive/part/<int:part_id>/<path:inner>",
        "/mail_mailbox_archive/body/<int:message_id>/<string:token>",
    }

    def test_nobody_learns_by_a_route_of_ours(self):
        found = self.find_paths()
        routes = {rule.rule for rule in self.our_routes()}
        self.assertGreater(len(routes), 8)
        self.assertEqual(routes - set(found), self.WITHOUT_A_RECORD)
        parts = [
            f"?part={target.rows['mail.mailbox.part'].id}" for target in self.targets
        ]
        paths = sorted(path for some in found.values() for path in some)
        paths += [
            path
            for rule in self.our_routes()
            if rule.rule in self.WITHOUT_A_RECORD and "GET" in rule.methods
            for path in self.paths_of(rule)
        ]
        for role in self.people:
            self.log_in(role)
            for path in paths:
                for question in (*QUESTIONS, *extent((), parts)):
                    one = path + question
                    self.try_for(role, one, lambda one=one: self.open_page(one))
        self.assertNothingFound()

    # The bus

    def channels(self, row):
        """Yield what somebody could ask the bus to tell about a row of ours."""
        yield f"{row._name}_{row.id}"
        yield f"{row._name},{row.id}"
        yield json.dumps([row._name, row.id])
        yield json.dumps([get_db_name(), row._name, row.id])

    def test_nobody_listens_to_what_others_are_told(self):
        """A word on the bus for a reader, and one about each row, reach nobody else."""
        bus, asked = self.env["bus.bus"], []
        self.last = bus.search([], order="id desc", limit=1).id or 1
        for target in self.targets:
            partner = target.reader.partner_id
            for row in (partner, target.reader, *target.rows.values()):
                token = self.new_token(target, "bus.bus", row._name)
                bus._sendone(row, f"{OURS}/test", {"token": token})
                asked += self.channels(row)
        self.cr.flush()
        for role in self.people:
            self.log_in(role)
            self.try_for(role, "bus", lambda: self.peek(asked))
            for row in self.targets[0].rows.values():
                with self.assertRaises(Refused):
                    self.peek([[row._name, row.id]])
        self.assertNothingFound()
        with self.reader_of(self.targets[0]):
            told = str(self.peek([]))
        self.assertTrue(TOKEN.findall(told), "the reader is told nothing")

    def peek(self, channels):
        return self.ask(
            "/websocket/peek_notifications",
            channels=channels,
            last=self.last,
            is_first_poll=True,
        )

    # Taken out

    def test_names_taken_out_are_found_over_the_wire(self):
        target = self.targets[0]
        row = target.rows["mail.mailbox.message"]
        with (
            patch.object(ToldName, "compute_value", fields.Char.compute_value),
            patch.object(ToldName, "__get__", fields.Char.__get__),
        ):
            self.log_in("other")
            for label, thunk in WAYS["referred"](self.call, self.env[row._name], row):
                self.try_for("other", label, thunk)
            self.try_web_client("other", row)
        self.assertTrue(self.found)
