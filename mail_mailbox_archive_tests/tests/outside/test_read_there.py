"""Read here, read there: only in a mailbox that has it so, and nothing else changes."""

from __future__ import annotations

from email.message import EmailMessage

from .case import OutsideCase

ARRIVAL = "mail.mailbox.arrival"


class TestReadThere(OutsideCase):
    def setUp(self):
        super().setUp()
        self.anna = self.person("there_anna")

    def open(self, login, **values):
        """Return a mailbox with five emails, and its lines in their order."""
        box = self.mailbox(f"{login}@spedbud.example", self.anna, **values)
        for number, flags in enumerate(("", "F", "", "S", "")):
            mail = EmailMessage()
            mail["From"], mail["Subject"] = "jan@roof.example", f"Mail {number}"
            mail["Message-ID"] = f"<{number}.{login}@x>"
            mail.set_content("Hello")
            self.dovecot.deliver(login, mail.as_bytes(), flags=flags)
        self.check(box, self.anna)
        here = [("mailbox_id", "=", box)]
        rows = self.wait(
            lambda: len(found := self.anna.search_read(ARRIVAL, here, "subject")) == 5
            and found,
            "the emails",
        )
        return box, [row["id"] for row in sorted(rows, key=lambda r: r["subject"])]

    def flags(self, login):
        (folder,) = (self.dovecot.snapshot(login)["INBOX"],)
        return [set(folder.flags[uid]) - {"\\Recent"} for uid in sorted(folder.flags)]

    def test_marked_where_it_is_switched_on_and_nowhere_else(self):
        boxes = {
            login: self.open(login, mark_seen=on)
            for login, on in (("there_on", True), ("there_off", False))
        }
        before = {login: self.flags(login) for login in boxes}
        for login in boxes:
            self.dovecot.commands(login)
        for _box, lines in boxes.values():
            self.anna.call(ARRIVAL, "action_read_here", lines[:2])
            self.anna.call(ARRIVAL, "action_done", lines[2:3])
        # an action that finds no place comes again in a minute
        self.wait(
            lambda: self.flags("there_on") != before["there_on"], "the flags", 180
        )
        for box, _lines in boxes.values():
            self.check(box, self.anna)
        seen = {"\\Seen"}
        wanted = [seen, {"\\Flagged", "\\Seen"}, set(), seen, set()]
        self.wait(lambda: self.flags("there_on") == wanted, "both flags", 180)
        self.assertEqual(self.flags("there_off"), before["there_off"])
        changing = ("STORE", "SELECT", "APPEND", "COPY", "MOVE", "EXPUNGE", "CLOSE")
        changing += ("CREATE", "DELETE", "RENAME", "SUBSCRIBE")
        sent = {
            login: [
                command
                for session in self.dovecot.commands(login)
                for command in session
                if any(word in command.upper().split() for word in changing)
            ]
            for login in boxes
        }
        self.assertEqual(sent["there_off"], [])
        self.assertTrue(sent["there_on"])
        for command in sent["there_on"]:
            self.assertRegex(
                command, r'^(SELECT "INBOX"|UID STORE [\d,:]+ \+FLAGS \(\\Seen\))$'
            )
