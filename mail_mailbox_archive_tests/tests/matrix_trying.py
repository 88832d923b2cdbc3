"""Trying cells of the matrix as requests do, without a server."""

from psycopg2 import Error

from odoo.exceptions import UserError
from odoo.models import BaseModel
from odoo.service.model import call_kw
from odoo.tools import mute_logger

from odoo.addons.mail_mailbox_archive.mailcore.errors import MailCoreError

from .matrix_ways import WAYS
from .matrix_world import MatrixCase
from .reliability.extent import extent

REFUSALS = (
    UserError,
    Error,
    MailCoreError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
)


class TryingCase(MatrixCase):
    """Cells are tried one by one, each undone; what was told goes into ``found``."""

    def setUp(self):
        super().setUp()
        # what Odoo says of odd calls is not what is looked for
        self.enterContext(mute_logger("odoo.addons.mail.models.mail_thread"))
        self.found = {}

    # Doing what a request does

    def call(self, model, method, *args, **kwargs):
        """Do what a request of the person whose turn it is does."""
        record = self.env(user=self.people[self.role], su=False)[model]
        if method == "copy_data":
            return record.browse(*args).copy_data()
        return call_kw(record, method, list(args), kwargs)

    def try_cell(self, role, thunk):
        """Try one cell and undo it; return what was told."""
        self.cells, self.role = self.cells + 1, role
        try:
            with self.cr.savepoint() as savepoint:
                told = thunk()
                savepoint.rollback()
            self.ends["told"] += 1
        except REFUSALS as error:
            told = error
            self.ends[type(error).__name__] += 1
        if isinstance(told, BaseModel):
            told = told.ids
        return told

    def try_all(self, roles, targets):
        for target in targets:
            for name, row in target.rows.items():
                strangers = [role for role in roles if not target.may_read(role, name)]
                self.try_row(strangers, target, row)

    def try_row(self, roles, target, row):
        """Try what there is for one row; in the short form each role a twelfth.

        Another twelfth for each role, so that no cell goes untried.
        """
        model, step = self.env[row._name], extent(12, 1)
        cells = [
            (f"{way} {label}", thunk)
            for way, make in WAYS.items()
            for label, thunk in make(self.call, model, row)
        ]
        for shift, role in enumerate(roles):
            for label, thunk in cells[shift % step :: step]:
                told = self.try_cell(role, thunk)
                leaks = self.leaks(role, told)
                if isinstance(told, str) and told.startswith("found"):
                    leaks = {(target.name, row._name, told)}
                for leak in leaks:
                    self.found.setdefault(leak, f"{role}: {label}")
