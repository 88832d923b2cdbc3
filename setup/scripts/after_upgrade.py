# ruff: noqa: F821 (Odoo's shell gives env)
"""What the first version stored is there and for the same people. For Odoo's shell."""


def find(login):
    return env["res.users"].search([("login", "=", login)])


def subjects(login, **domain):
    messages = env["mail.mailbox.message"].with_user(find(login))
    found = messages.search([(key, "=", value) for key, value in domain.items()])
    return sorted(found.mapped("subject"))


def check(found, wanted):
    if found != wanted:
        raise AssertionError(f"{found!r} instead of {wanted!r}")


check(subjects("reader"), ["Not archived", "Offer", "Secret"])
check(subjects("outsider"), ["Offer"])
check(subjects("reader", content="crane secret"), ["Secret"])
filed = env["mail.mailbox.message"].search([("subject", "=", "Offer")])
check(filed.with_user(find("outsider")).attached_to, "Spostex S.A.")
# what was chosen is learned from
check(filed.link_ids.mapped("correspondent"), filed._get_addresses(filed.email_from))
check(b"the crane is broken" in filed._read_source(), True)
check(filed.part_ids.mapped("filename"), ["offer.pdf"])
office = env["mail.mailbox"].search([("email", "=", "office@spedbud.example")])
check(office._imap_secret__().value, "kept-word")
check((office.imap_host, office.user_ids.login), ("imap.spedbud.example", "reader"))
board = env["mail.mailbox"].search([("email", "=", "board@spedbud.example")])
check(board.private, True)
check(len(env["mail.mailbox.arrival"].search([])), 3)
for mailbox in office | board:
    main = mailbox.address_ids
    check(main.mapped("email_normalized"), [mailbox.email_normalized])
    check((main.is_main, main.in_use, main.approval), (True, True, "approved"))
