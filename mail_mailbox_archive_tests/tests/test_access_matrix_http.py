"""Over the wire: who may not read something learns nothing of it by any way in.

The ways of ``matrix_ways`` go through the session of the web client, ``/json/2`` with
an API key and XML-RPC, by turns. Besides: files and pictures, exports, the chatter's
and the web client's own routes, every route of ours (enumerated from the routing map),
and the channels of the bus. ``python3 setup test --long`` tries every third cell.
"""

import inspect
import json
import threading
from unittest.mock import patch

from werkzeug.routing import IntegerConverter

from odoo import fields, http
from odoo.tests import tagged
from odoo.tests.common import get_db_name

from odoo.addons.mail_mailbox_archive.models.mailbox.guarded import ToldName

from .matrix_http import Refused, TryingHttpCase
from .matrix_ways import WAYS, planted
from .matrix_world import TOKEN
from .reliability.extent import extent

OURS = "odoo.addons.mail_mailbox_archive"
#: The converters of numbers: Odoo has one of its own below this.
NUMBER = IntegerConverter.__base__
#: What may be asked of a page besides, each alone.
QUESTIONS = ("", "?download=1", "?print=1&dark=1")


@tagged("post_install", "-at_install")
class TestAccessMatrixHttp(TryingHttpCase):
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
        # lead to the page of an email, or say that there is none to read
        "/mail_mailbox_archive/email",
        "/mail_mailbox_archive/archive",
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
