"""The ledger of the suite."""

import json
import os
import tempfile
from unittest.mock import patch

from odoo.tests import BaseCase

from .extent import note


class TestLedger(BaseCase):
    """A test that counts something nobody shows is told so."""

    def test_figures_reach_the_file(self):
        with (
            tempfile.NamedTemporaryFile("r") as file,
            patch.dict(os.environ, MAILBOX_RELIABILITY_FIGURES=file.name),
        ):
            note("Crash", "killed", kills=2, lost=0)
            self.assertEqual(
                json.loads(file.read()), ["Crash", "killed", {"kills": 2, "lost": 0}]
            )

    def test_unknown_figure(self):
        with self.assertRaisesRegex(ValueError, "no column deaths"):
            note("Crash", "killed", deaths=1)
