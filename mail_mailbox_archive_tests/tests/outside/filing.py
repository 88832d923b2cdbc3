"""Emails that arrive with what a trusted server says of their sender, and are filed."""

from __future__ import annotations

import itertools
from email.message import EmailMessage

from .case import USER, OutsideCase

MESSAGE = "mail.mailbox.message"
SERVER = "mx.spedbud.example"


class FilingCase(OutsideCase):
    """A person with a mailbox, and a company to archive to; a class says their names.

    Where a class has several tests, each has a person of its own.
    """

    login = company = ""
    _people = itertools.count(1)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.admin.add("res.partner", name=cls.company, is_company=True)

    def setUp(self):
        super().setUp()
        if len(self.names()) > 1:
            self.login = f"{self.login}{next(self._people)}"
        self.anna = self.person(self.login, USER, "base.group_partner_manager")
        address = f"{self.login}@spedbud.example"
        self.box = self.mailbox(address, self.anna, trusted_server=SERVER)

    @classmethod
    def names(cls):
        """Return the names of the tests of this class."""
        return [name for name in dir(cls) if name.startswith("test_")]

    def receive(self, subject, sender, name, headers=None, said="pass", server=SERVER):
        """Have an email arrive; return its message.

        :param name: its Message-ID, written as people would
        :param said: what ``server`` says of its sender
        """
        mail = EmailMessage()
        domain = sender.rpartition("@")[2]
        mail["Authentication-Results"] = f"{server}; dmarc={said} header.from={domain}"
        mail["From"], mail["To"] = sender, f"{self.login}@spedbud.example"
        mail["Subject"] = subject
        mail["Message-ID"] = name.lower().replace(" ", ".")
        for header, value in (headers or {}).items():
            mail[header] = value
        mail.set_content(subject)
        self.dovecot.deliver(self.login, mail.as_bytes())
        self.check(self.box, self.anna)
        wanted = [("subject", "=", subject)]
        found = self.wait(
            lambda: self.anna.search_read(MESSAGE, wanted, "id"), f"the email {subject}"
        )
        return found[0]["id"]

    def records(self, message):
        """Return the names of the records that an email is attached to."""
        (row,) = self.anna.search_read(
            MESSAGE, [("id", "=", message)], "attached_records"
        )
        return [one["name"] for one in row["attached_records"] or []]

    def choose_record(self, browser, name):
        """Choose a company in the line of the form, by typing its name."""
        browser.click(".modal .o_data_row td[name=record_type_id]")
        browser.fill(".modal td[name=record_type_id] input", "Companies")
        browser.click(".o-autocomplete--dropdown-item", "Companies")
        browser.click(".modal .o_data_row td[name=res_id]")
        browser.fill(".modal td[name=res_id] input", name)
        browser.click(".o-autocomplete--dropdown-item", name)
        browser.find(".modal", "will read it")
