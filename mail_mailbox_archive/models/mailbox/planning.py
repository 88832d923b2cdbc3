from odoo import api, models

DONE = "mail_mailbox_archive.compiled_never"


def compile_never(cr):
    """Have PostgreSQL compile no query in the rest of this transaction.

    Where it is built with LLVM, as distributions ship it, it compiles whatever it
    estimates to be dear. Our access rule is hundreds of small expressions that are
    asked of few rows: compiling them takes seconds, where the query itself takes
    milliseconds (PostgreSQL documentation, "When to JIT?").

    Said once in a transaction, by one short command. What was said is noted where Odoo
    forgets it whenever PostgreSQL does: at the end of the transaction, and of a
    savepoint that is taken back.
    """
    if cr.precommit.data.get(DONE):
        return
    cr.execute("SET LOCAL jit = off")
    cr.precommit.data[DONE] = True


class MailMailboxGuarded(models.AbstractModel):
    """What asks for records of ours is never compiled, whatever is configured."""

    _inherit = "mail.mailbox.guarded"

    @api.model
    def _search(self, domain, *args, **options):
        compile_never(self.env.cr)
        return super()._search(domain, *args, **options)
