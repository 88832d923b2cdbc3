"""Private mailboxes when access rights were opened: no record rule, all access rows.

Whoever administers access rights may rewrite the rules of any model and give anybody
access to it. What is in a private mailbox is kept by code all the same. The models are
those of the registry, so that one of tomorrow is tried as well.
"""

from unittest.mock import patch

from odoo import Command
from odoo.fields import Domain
from odoo.tests import tagged

from .matrix_trying import TryingCase
from .matrix_world import SETTINGS, SHOWN
from .reliability.extent import extent

#: What says nothing of any email: a mail administrator's, who anybody may be made.
OPENED = SETTINGS | {
    "mail.mailbox.filing.rule",
    "mail.mailbox.never.archive",
    "mail.mailbox.retention.rule",
    "mail.mailbox.retention.run",
}
ROLES = ("access_admin", "settings_admin", "mail_admin", "both", "other", "portal")


def open_all(env):
    """Rewrite every record rule of ours to let through, and give everybody access."""
    ours = [("model_id.model", "=like", "mail.mailbox%")]
    rules = env["ir.rule"].with_context(active_test=False).search(ours)
    rules.write({"domain_force": "[(1, '=', 1)]", "groups": [Command.clear()]})
    allowed = dict.fromkeys(
        ("perm_read", "perm_write", "perm_create", "perm_unlink"), True
    )
    names = [("model", "=like", "mail.mailbox%"), ("abstract", "=", False)]
    env["ir.model.access"].create(
        [
            {"name": "opened", "group_id": group.id, "model_id": one.id, **allowed}
            for one in env["ir.model"].search(names)
            for group in env.ref("base.group_user") + env.ref("base.group_portal")
        ]
    )


@tagged("post_install", "-at_install")
class TestAccessOpened(TryingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        administrator = cls.people["access_admin"]
        # as who may, without a right to mail
        open_all(cls.env(user=administrator, su=False))
        cls.env.flush_all()
        cls.env.invalidate_all()

    def try_private(self, roles):
        private = self.targets[0]
        for name, row in private.rows.items():
            if name in OPENED:
                continue
            # a form is its filler's
            self.try_row(
                [one for one in roles if not private.may_read(one, name)], private, row
            )
        self.found = {
            leak: at
            for leak, at in self.found.items()
            if leak[0] == "private" and leak[1] not in OPENED and leak[1:] not in SHOWN
        }

    def test_private_mail_stays_private(self):
        self.try_private(extent(ROLES[:4], ROLES))
        self.assertFalse(self.found, "\n".join(map(str, self.found.items())))

    def test_its_people_read_on(self):
        private = self.targets[0]
        for name in ("mail.mailbox.arrival", "mail.mailbox.message"):
            row = private.rows[name].with_user(private.reader)
            self.assertTrue(row.search([("id", "=", row.id)]))
            row.check_access("read")

    # Each rule taken out

    def opens(self, name):
        """Return by which of two ways a row of the private mailbox is told."""
        row = self.targets[0].rows[name].with_user(self.people["access_admin"])
        return bool(row.search([("id", "=", row.id)])), row.has_access("read")

    def assertKeptBy(self, name, opened=(True, True), **rule):
        """Check that a model's rule alone keeps a row of the private mailbox."""
        self.assertEqual(self.opens(name), (False, False))
        with patch.multiple(type(self.env[name]), **rule):
            self.assertEqual(self.opens(name), opened)

    def test_the_rule_of_contents_taken_out_is_found(self):
        contents = type(self.env["mail.mailbox.content"])
        ours = [
            name
            for name, model in self.env.items()
            if model._auto and not model._abstract and isinstance(model, contents)
        ]
        self.assertGreater(len(ours), 5)
        for name in ours:
            with self.subTest(model=name):
                everything = {"_get_read_domain": lambda _self: Domain.TRUE}
                self.assertKeptBy(name, (True, False), **everything)
                self.assertKeptBy(name, (False, True), _is_open=lambda _self: True)

    def test_the_rule_of_owners_taken_out_is_found(self):
        nobodys = [
            name
            for name, model in self.env.items()
            if getattr(model, "_of_the_system", False)
        ]
        self.assertGreater(len(nobodys), 8)
        for name in (*nobodys, "mail.mailbox.draft", "mail.mailbox.import"):
            with self.subTest(model=name):
                self.assertKeptBy(name, _of_the_system=False, _owner_field=None)

    def test_what_a_rule_refuses_lets_nothing_else_through(self):
        """Odoo takes all for allowed but what an answer names as refused."""
        person = self.people["access_admin"]
        for name, row in self.targets[0].rows.items():
            other = self.targets[2].rows.get(name)
            if name in OPENED or not other or row._transient:
                continue
            one = {"name": "one", "model_id": self.env["ir.model"]._get_id(name)}
            self.env["ir.rule"].create(
                {**one, "domain_force": f"[('id', '!=', {other.id})]"}
            )
            with self.subTest(model=name):
                both = (row | other).with_user(person)
                self.assertFalse(both._filtered_access("read") & row)
