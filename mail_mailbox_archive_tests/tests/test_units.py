"""The unit tests of the web client, in Chromium."""

from odoo.tests import HttpCase, tagged

# the module: its cases would be collected here once more
from odoo.addons.web.tests import test_js

OURS = "@mail_mailbox_archive"
DONE = "[HOOT] Test suite succeeded"


@tagged("post_install", "-at_install")
class TestUnits(HttpCase):
    def run_units(self, preset):
        ours = test_js.HOOTCommon._generate_hash(self, OURS)
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset={preset}&timeout=15000&id={ours}",
            "",
            "",
            login="admin",
            timeout=240,
            success_signal=DONE,
            error_checker=test_js.unit_test_error_checker,
        )

    def test_units(self):
        self.run_units("desktop")
