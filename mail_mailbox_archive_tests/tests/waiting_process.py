"""Processes beside the test that do one thing when they are told to."""

import subprocess
import sys
from pathlib import Path

from odoo.tests import BaseCase
from odoo.tests.common import get_db_name
from odoo.tools import config


class WaitingProcessCase(BaseCase):
    """A test of several processes on one database."""

    def start_process(self, job, *ids):
        """Start a job of ``job_process.py`` on the test's database; return it ready.

        It ends with the test.
        """
        path = Path(__file__).with_name("job_process.py")
        command = [sys.executable, path, config["config"], get_db_name(), job, *ids]
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), "ready\n")
        return process

    def begin(self, *processes):
        """Have processes that wait begin at the same moment."""
        for process in processes:
            process.stdin.write("\n")
            process.stdin.flush()
