# ruff: noqa: F821 (Odoo's shell gives env, the file before gives the rest)
"""It is the same mail, with all that it held."""

row = env["mail.mailbox.outbox"].search([("subject", "=", "Waits with all")])
check(row.message_id, "<waits-with-all@spedbud.example>")
check(row.state, "waiting")
check(row._get_next(), ["all@spostex.example", "boss@spedbud.example"])
check(row.in_reply_to, "<asked@spostex.example>")
check(row.references, "<first@spostex.example> <asked@spostex.example>")
check((row.origin_id, row.archive), (message("Offer"), True))
check(row.attachment_ids.mapped("raw"), [b"the plan"])
check("plan.txt" in str(row._build()), True)
of_system = env["mail.mail"].search([("subject", "=", "The system's")])
check(of_system.state, "outgoing")
# Odoo's own would be left over when the add-on goes
of_system.unlink()
