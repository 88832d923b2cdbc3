"""Over the wire: who wants to know what is not theirs tries odd ways.

The ways are in ``matrix_odd_ways`` and ``matrix_odd_forms``; each is tried by each
role, by session, by API key and by XML-RPC in turn. ``python3 setup test --long`` tries
every third cell.
"""

from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.models.mailbox.guarded import ToldName

from . import matrix_odd_forms  # noqa: F401 - adds its ways
from .matrix_http import Refused, TryingHttpCase
from .matrix_odd_ways import ODD_WAYS
from .matrix_world import TOKEN
from .reliability.extent import extent


@tagged("post_install", "-at_install")
class TestAccessOddWays(TryingHttpCase):
    def test_nobody_learns_by_odd_ways(self):
        step = extent(97, 3)
        for shift, role in enumerate(self.people):
            self.log_in(role)
            cells = [
                (target, way, label, thunk)
                for target in self.targets
                for way, make in ODD_WAYS.items()
                for label, thunk in self.cells_of(make, target)
            ]
            for target, way, label, thunk in cells[shift % step :: step]:
                if not target.may_read(role, "mail.mailbox.message"):
                    self.try_for(role, f"{way} {label}", thunk, target, way)
        self.assertNothingFound()

    def test_nobody_is_told_of_a_signature(self):
        for role in self.people:
            self.log_in(role)
            for target in self.targets:
                tell = dict(self.cells_of(ODD_WAYS["opened"], target))
                for label, thunk in tell.items():
                    if not target.may_read(role, "mail.mailbox.message"):
                        self.try_for(role, label, thunk, target, "opened")
        self.assertNothingFound()

    def test_who_may_read_the_email_is_told_of_its_signature(self):
        """Or nothing would be found because nothing is told."""
        self.log_in("same")
        message = self.targets[1].signed
        told = self.call("mail.mailbox.message", "check_signature", [message])
        (token,) = set(TOKEN.findall(str(told)))
        self.assertEqual(self.tokens[token][0].name, "role")

    def cells_of(self, make, target):
        """Yield the cells of one way, as far as this role gets with its beginning."""
        try:
            yield from make(self.call, target)
        except Refused:
            return

    def test_names_taken_out_are_found_by_odd_ways(self):
        """Or nothing would be found because nothing is looked for."""
        target = self.targets[0]
        self.log_in("other")
        with (
            patch.object(ToldName, "compute_value", fields.Char.compute_value),
            patch.object(ToldName, "__get__", fields.Char.__get__),
        ):
            for label, thunk in self.cells_of(ODD_WAYS["pointed"], target):
                self.try_for("other", label, thunk, target, "pointed")
        self.assertTrue(self.found)
