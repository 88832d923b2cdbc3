"""Mail without Odoo: bytes and dataclasses in, dataclasses out.

Nothing here imports Odoo, sees a database or decides about records; only
``connect.net_guard`` opens a socket, and only ``inside.child`` starts a process. The
rooms, each calling only those above it:

    errors          what can go wrong; network code raises nothing else
    text            one safe_text() for all that is decoded; RFC 2047
      charset       what was declared weighed against the bytes
    transfer        base64, quoted-printable
    retry, vault    when to try again, as a value; secrets at rest

    addresses/      addresses read, compared, written: RFC 5322, 6531; domains, names of
                    companies, and who really wrote (spoof)
    html/           the tokens of HTML, its resources, readable text
    read/           one source as a Message with its Parts: structure, fields, body,
                    search, identity, sharing; messages as files (export, mail_files)
    inside/         what is inside of attachments, in a child process with limits
    view/           HTML prepared for the frame that shows it
    connect/        net_guard, HTTP through it, signing in: RFC 6749, 7628; discovery
    imap/           the poll of one mailbox as a generator of events: RFC 3501, 9051,
                    6154, 7162, 5819
    send/           a message checked and written for the wire; providers, each a file;
                    what became of it: RFC 3464
    autoreply/      whether a message gets an automatic answer, when, and how: RFC 3834

Limits are constants at the head of each module. Reading never raises on odd input:
a message is read, with its defects listed, or is ``Unreadable``.
"""
