# ruff: noqa: F821 (Odoo's shell gives env)
"""What 19.0.1.0.0 stored of mail is there, for the same people and no others.

The names ``find``, ``subjects``, ``check`` are there for the files after this one.
"""


def find(name):
    return env["res.users"].search([("login", "=", f"upgrade_{name}")])


def subjects(name, **domain):
    messages = env["mail.mailbox.message"].with_user(find(name))
    found = messages.search([(key, "=", value) for key, value in domain.items()])
    return {subject for subject in found.mapped("subject") if "eft " not in subject}


def check(found, wanted):
    if found != wanted:
        raise AssertionError(f"{found!r} instead of {wanted!r}")


def message(subject):
    return env["mail.mailbox.message"].search([("subject", "=", subject)])


def address(email):
    mailboxes = env["mail.mailbox"].with_context(active_test=False)
    return mailboxes.search([("email", "=", email)])


everything = {"Offer", "For foremen", "On two records", "Not archived"}
everything |= {"With a Content-ID", "To 61 1090 1014 0000"}
check(subjects("reader"), everything | {"Of a mailbox that sleeps"})
check(subjects("outsider"), {"Offer", "On two records"})
check(subjects("boss"), {"Offer", "For foremen", "On two records", "Secret"})
check(subjects("boss", content="crane secret"), {"Secret"})
check(message("Offer").with_user(find("outsider")).attached_to, "Spostex S.A.")
check(len(message("On two records").link_ids), 2)
check(message("For foremen").role_ids.mapped("name"), ["Upgrade foreman"])
check(message("Secret").link_ids.mailbox_id.email, "board@spedbud.example")
check(b"the crane is broken" in message("Offer")._read_source(), True)
check(message("Offer").part_ids.mapped("filename"), ["offer.pdf"])
office, board = address("office@spedbud.example"), address("board@spedbud.example")
gone = address("gone@spedbud.example")
check(office._imap_secret__().value, "kept-word")
check((office.imap_host, office.user_ids), ("imap.spedbud.example", find("reader")))
check((board.private, board.user_ids), (True, find("boss")))
check((gone.active, len(gone.user_ids)), (False, 1))
incoming = [("direction", "=", "incoming"), ("mailbox_id.imap_login", "=", False)]
check(
    len(env["mail.mailbox.arrival"].with_context(active_test=False).search(incoming)), 8
)
