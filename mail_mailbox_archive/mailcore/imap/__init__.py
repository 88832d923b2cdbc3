"""Reading a mailbox over IMAP (RFC 3501, RFC 9051) without altering it.

=============  ==============================================================
``folder``     folders: what a server tells of them, what we hold, which to skip
``utf7``       their names (RFC 3501, 5.1.3)
``uids``       sets of UIDs as ranges
``wire``       one command and its answers, under limits
``responses``  the answers as values
``session``    one connection: TLS, login, list, examine, search, fetch
``plan``       what to do with a folder; the drawing of its states
``events``     what a poll tells, in order
``sync``       the poll itself
=============  ==============================================================
"""
