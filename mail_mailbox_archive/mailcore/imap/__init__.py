"""Reading a mailbox over IMAP (RFC 3501, RFC 9051) without altering it.

=============  ==============================================================
``folder``     folders: what a server tells of them, what we hold, which to skip
``customary``  what mail programs call the folders of each role
``utf7``       their names (RFC 3501, 5.1.3)
``uids``       sets of UIDs as ranges
``arguments``  the one guard that every argument of a command passes
``connection`` reaching a server and verifying it; the only file with a socket
``faults``     what errors and a server's words mean
``wire``       commands and their answers, under limits
``responses``  the answers as values
``items``      what is told of a message
``login``      proving who we are
``session``    one connection: list, examine, search, fetch
``marking``    the line that marks as read, where that was switched on
``plan``       what to do, decided from values; the drawing of a folder's states
``events``     what a poll tells, in order
``probe``      whether UIDs still mean what they meant
``fetching``   a batch of messages, whatever the server does
``reading``    one folder
``sync``       the poll itself
``survey``     how much there is, before it is fetched
=============  ==============================================================
"""
