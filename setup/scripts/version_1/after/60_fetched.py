# ruff: noqa: F821 (Odoo's shell gives env, the files before this one the rest)
"""What 19.0.1.0.0 fetched is not doubled, on a server that renumbers it."""

from setup.scripts import former_mail


def fetched():
    return env["mail.mailbox.arrival"].search(
        [("mailbox_id.imap_login", "in", former_mail.LOGINS)]
    )


def sources(login):
    found = fetched().filtered(lambda a: a.mailbox_id.imap_login == login)
    return sorted(arrival._read_source() for arrival in found)


before = {one.mailbox_message_id.id for one in fetched()}
check((len(before), len(fetched())), (65, 66))
filed = message("Left mail 7").filtered("link_ids")
with former_mail.serving(env) as server:
    # what was hidden is there now: two more alarms, and the twin
    check(former_mail.fetch(env), (68, 69))
    check(before <= {one.mailbox_message_id.id for one in fetched()}, True)
    for login in former_mail.LOGINS:
        wanted = sorted(source for source, _moment in former_mail.mails(login))
        check(sources(login), wanted)
        server.reset_uidvalidity(login)
    check(former_mail.fetch(env), (68, 69))
    # and when all is renewed
    env["mail.mailbox.message"]._cron_renew()
    env.cr.commit()
    for login in former_mail.LOGINS:
        server.reset_uidvalidity(login)
    check(former_mail.fetch(env), (68, 69))
    check(all(fetched().mapped("uid")), True)
check(filed.link_ids.res_name or filed.attached_to, "Spostex S.A.")
told = env["mail.activity"].search(
    [("summary", "like", "no longer removed automatically")]
)
check(told.user_id, env["mail.mailbox"]._get_managers())
