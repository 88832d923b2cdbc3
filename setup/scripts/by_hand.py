"""For Odoo's shell: an email comes, is found, archived by its suggestion and answered.

On whatever Python and add-ons path Odoo was started; the last line printed is DONE.
"""

import json
import os
import smtplib  # noqa: F401 (of this Python, as what is sent needs it)

facts = json.loads(os.environ["MAILBOX_BY_HAND"])
env = env(context={})  # noqa: F821


def person():
    groups = [env.ref("base.group_user"), env.ref("mail_mailbox_archive.group_user")]
    groups.append(env.ref("base.group_partner_manager"))
    return env["res.users"].create(
        {
            "name": "Office",
            "login": "by-hand",
            "email": "by-hand@spedbud.example",
            "group_ids": [(6, 0, [group.id for group in groups])],
        }
    )


def mailbox(user):
    settings = {"security": "none", "login": "office@spedbud.example"}
    settings |= {"host": facts["host"], "password": facts["password"]}
    values = {
        f"{kind}_{name}": value
        for kind in ("imap", "smtp")
        for name, value in {**settings, "port": facts[f"{kind}_port"]}.items()
    }
    return env["mail.mailbox"].create(
        {
            "name": "Office",
            "email": "office@spedbud.example",
            "responsible_id": user.id,
            "user_ids": [(6, 0, user.ids)],
            "provider": "smtp",
            **values,
        }
    )


def look_again():
    """See what transactions of others have written meanwhile."""
    env.cr.commit()
    env.invalidate_all()


company = env["res.partner"].create({"name": facts["company"], "is_company": True})
user = person()
box = mailbox(user)
# the code that proves the address would come to this same server
box.state = "ready"
env.cr.commit()

box._request_check(False)
env["mail.mailbox"]._poll(60)
look_again()
arrival = env["mail.mailbox.arrival"].with_user(user).search([])
assert arrival.subject == "The crane is broken", (arrival, box.last_error)

# what is inside of the attachment is read by a process of its own
env.ref("mail_mailbox_archive.ir_cron_inside").method_direct_trigger()
look_again()
messages = env["mail.mailbox.message"].with_user(user)
message = arrival.mailbox_message_id
assert messages.search([("content", "ilike", "crane")]) == message
assert messages.search([("content", "ilike", "gantry 4711")]) == message, "not inside"

wizard = env["mail.mailbox.archive.wizard"].with_user(user)
wizard = wizard.with_context(active_model=arrival._name, active_ids=arrival.ids)
wizard = wizard.create({})
assert wizard.line_ids.res_id == company.id, wizard.suggestions
wizard.action_confirm()
assert message.link_ids.res_id == company.id

draft = (
    env["mail.mailbox.draft"].with_user(user).browse(message.prepare_compose("reply"))
)
sent = draft.action_send()["params"]["outbox_id"]
row = env["mail.mailbox.outbox"].browse(sent)
env.cr.commit()
row.with_user(user).action_send_now()
env.cr.commit()
env.ref("mail_mailbox_archive.ir_cron_outbox").method_direct_trigger()
look_again()
assert row.state == "sent", (row.state, row.reason)
print("DONE")
