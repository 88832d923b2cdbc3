# ruff: noqa: F821 (Odoo's shell gives env, the file before gives the rest)
"""What was written, waits and left is there, in the same hands, and sent once."""

check((office.state, office.provider, office.smtp_login), ("ready", "smtp", "office"))
check("Yours, the office" in office.signature, True)
sent = env["mail.mailbox.sent"].search([("message_id", "=like", "<left-%")])
check(
    {row.message_id: row.append_state for row in sent},
    {
        "<left-1@spedbud.example>": "waiting",
        "<left-2@spedbud.example>": "done",
        "<left-3@spedbud.example>": "waiting",
    },
)
check(set(sent.delivery_ids.mapped("state")), {"accepted", "refused"})
outgoing = [("direction", "=", "outgoing"), ("mailbox_id", "=", office.id)]
check(len(env["mail.mailbox.arrival"].search(outgoing)), 3)

journal = env["mail.mailbox.dispatch"]._keep_noted()
check(journal, False)
check(message("Left 4").link_ids.mapped("res_model"), ["res.partner"])

# what people wrote waits in the outbox now, and nowhere else
check(env["mail.mail"].search_count([("email_to", "=like", "waits-%")]), 0)
waits = [("email_to", "=like", "waits-%")]
queued = env["mail.mailbox.outbox"].search(waits, order="id")
check(queued.mapped("subject"), ["Waits 1", "Waits 2", "Waits 3"])
check(queued.mapped("state"), ["waiting", "failed", "waiting"])
check(queued.mapped("uncertain"), [False, True, False])
check(queued.mapped("user_id.login"), ["upgrade_reader"])
check(queued[2]._get_accepted(), {"first@spostex.example"})
check((queued[2].tries, str(queued[2].due_at)), (2, "2027-01-01 10:00:00"))
for row in queued:
    check("Not sent yet" in row.body, True)
    check("Yours, the office" in row.signature, True)

draft = env["mail.mailbox.draft"].with_user(find("reader")).search([])
check((len(draft), draft.email_cc), (1, "carol@spostex.example"))
check("Half an answer" in draft.body, True)
check(draft.attachment_ids.mapped("raw"), [b"half"])
check(env["mail.mailbox.draft"].with_user(find("boss")).search([]).ids, [])
