"""What PostgreSQL is told about the queries of ours, on whatever server they run."""

from odoo.tests import tagged

from .common import MailboxCase, our_models

#: What a list asks first: the rows, how many, and how many by a field that all have.
WAYS = {
    "search": lambda model: model.search([], limit=1),
    "count": lambda model: model.search_count([]),
    "groups": lambda model: model._read_group([], ["id"], ["__count"]),
    "page": lambda model: model.web_search_read([], {"display_name": {}}, limit=1),
}


@tagged("post_install", "-at_install")
class TestPlanning(MailboxCase):
    """Nothing of ours is compiled: see ``models/mailbox/planning.py``."""

    def compiles(self):
        self.env.cr.execute("SHOW jit")
        return self.env.cr.fetchone()[0] == "on"

    def begin_again(self):
        """Be as at the beginning of a transaction, on a server that compiles."""
        self.env.cr.execute("SET LOCAL jit = on")
        self.env.cr.clear()

    def test_no_search_of_any_model_is_compiled(self):
        for model in our_models(self.env):
            if model._abstract or not model._auto:
                continue
            for user in (self.member, self.manager, self.env.user):
                if not model.with_user(user).has_access("read"):
                    continue
                for way, ask in WAYS.items():
                    with self.subTest(model=model._name, user=user.login, way=way):
                        self.begin_again()
                        ask(model.with_user(user))
                        self.assertFalse(self.compiles())

    def test_it_is_said_once_in_a_transaction(self):
        links = self.env["mail.mailbox.link"].with_user(self.member)
        self.env.cr.flush()
        links.search_count([])
        with self.assertQueryCount(1):
            links.search_count([])

    def test_it_is_said_again_after_it_was_taken_back(self):
        links = self.env["mail.mailbox.link"].with_user(self.member)
        self.begin_again()
        savepoint = self.env.cr.savepoint()
        links.search_count([])
        self.assertFalse(self.compiles())
        savepoint.close(rollback=True)
        self.assertTrue(self.compiles())
        links.search_count([])
        self.assertFalse(self.compiles())

    def test_it_ends_with_the_transaction(self):
        with self.registry.cursor() as cr:
            cr.execute("SHOW jit")
            (usual,) = cr.fetchone()
            self.env(cr=cr)["mail.mailbox.link"].search_count([])
            cr.execute("SHOW jit")
            self.assertEqual(cr.fetchone(), ("off",))
            cr.rollback()
            cr.execute("SHOW jit")
            self.assertEqual(cr.fetchone(), (usual,))
