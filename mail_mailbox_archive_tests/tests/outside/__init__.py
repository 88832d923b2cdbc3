"""From outside: a running Odoo, people, browsers and mail servers that are real.

Nothing here is in one transaction with a test. One server with two workers, its bus and
real scheduled actions is started on the first use and serves all tests of a run, so
what a test finds is what people find: commits, retries, other workers, a browser.

::

    python3 setup test mail_mailbox_archive_tests/tests/outside/test_send.py
    python3 setup test mail_mailbox_archive_tests/tests/outside/test_send.py -k arrives

How to add a test
=================

A new file ``test_<what>.py`` here, with a class of :class:`case.OutsideCase`::

    from .case import OutsideCase

    class TestSend(OutsideCase):

        def test_arrives(self):
            anna = self.person("anna")                       # logged in, a mail user
            box = self.mailbox("office@spedbud.example", anna)   # ready to send
            draft = anna.call("mail.mailbox.draft", "prepare_new", mailbox_id=box)
            anna.change("mail.mailbox.draft", draft, email_to="bob@x.example")
            anna.call("mail.mailbox.draft", "action_send", [draft])
            (mail,) = self.wait(lambda: self.received("bob@x.example"), "the mail")

What there is:

``self.person(login, *groups)``
    a :class:`client.Client` of a person with rights of the mail user, or of the groups
    named; the password is the login. ``self.admin`` is the administrator. A client
    calls by session (``call``, ``add``, ``change``, ``fields``, ``search_read``), by
    ``/json/2`` with an API key (``json2``), by XML-RPC (``xmlrpc``), gets pages and
    files (``get``) and uploads as the web client does (``upload``). What Odoo refuses
    is raised as :class:`client.Refused`.
``self.mailbox(email, *people, **values)``
    the id of a mailbox of ``people``, with an account on Dovecot and this class's SMTP
    server, ready to send. It is read when asked: ``self.check(box, anna)``; somebody
    archives a message by ``self.archive(anna, message_id, model, record_id)``.
``self.smtp``
    an :class:`~..servers.smtp.SmtpServer` of the class: ``replies`` makes it refuse,
    hang or cut, ``received`` holds what came; ``self.received(address)`` is what came
    for one recipient, parsed.
``self.dovecot``
    the IMAP server of the run: ``deliver`` a mail to a login, which is the part of a
    mailbox's address before the ``@``.
``self.browser(client, path)``
    Chromium where that person is logged in: ``wait``, ``run``, ``click``, ``fill``,
    ``screenshot``; a picture is written where ``MAILBOX_PICTURES`` names a folder.
``self.wait(condition, what)``
    wait until something holds, and say what did not happen.
``self.together(*calls)``
    do things at the same moment, in threads; return what each gave or raised.
``self.odoo``
    the server: ``sql`` for what only the database knows, ``kill_workers()``,
    ``wake(xmlid)`` to have a scheduled action run now, ``log()``. With
    ``self.another_odoo(workers=2, crons=2)`` a test gets a server and a copy of the
    database for itself, where it changes what all would feel (settings, time, cron
    threads): some seconds each, so use it where it is needed.
``self.disturbed(table, ids)``
    a writer that changes rows all the time, so that transactions on them are retried.

``self.enter(context)``
    enter a context manager until the end of the test.

Rules: name addresses, logins and subjects after your test, for the database is shared;
wait for what happens and never for a time; put back what you change for all; leave the
long form to :func:`~..reliability.extent.extent`.
"""
