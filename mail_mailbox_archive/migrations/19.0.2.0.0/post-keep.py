"""Administrators are told that nothing is removed automatically any more."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["mail.mailbox"]._tell_administrators_of_keeping()
