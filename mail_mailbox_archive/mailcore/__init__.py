"""Mail without Odoo: bytes and dataclasses in, dataclasses out.

Nothing here imports Odoo, sees a database or decides about records; only
``net_guard`` opens a socket. The way of a message through it, each module using
those below it::

    imap/sync       the poll of one mailbox, as a generator of events
    imap/…          folders, plan, session, wire: RFC 3501, 9051, 6154, 7162, 5819
    message         one source as a Message with its Parts; one part on demand
      part_name, message_words
    search          what of it is searched, and how a search is asked
    body            which parts are the body, as text and HTML; previews
      pieces          its texts, decoded
      shown           which pictures the text shows
      kind            what an attachment really is, and how it is looked at
      quoting         where the answer ends and the mail it answers begins
      markup          HTML to readable text
        html_tokens     the tokens of HTML, for that and for the viewer
    fields          people, dates, identifiers of a header: RFC 5322
    identity        one key per message, one per conversation
    sharing         what all copies of a message share, and what is of one copy alone
    structure       the MIME tree as ranges of the source: RFC 2045, 2046
      header_block    the fields of one block, also of a broken one
      parameters      file names and the like: RFC 2183, 2231
      transfer        base64, quoted-printable, uuencode
      uuencoded       files inside of a text
    address         addresses read, compared, checked, written: RFC 5322, 6531
      address_list    the tokens of an address header
    text            one safe_text() for all that is decoded; RFC 2047
      charset         what was declared weighed against the bytes
        charset_names, iso2022

    providers/…     who carries a message: SMTP, SendGrid, EmailLabs; one file each
    outgoing        a finished message checked and written for the wire, once
      outgoing_header, outgoing_body: RFC 5322, 2045, 2047, 2231
    delivery        what became of it, per recipient; dsn: told by a report, RFC 3464
    sender_domain   SPF, DKIM and DMARC of the domain, as advice
    autoreply       whether a message gets an automatic answer: RFC 3834
      autoreply_signs what machines are known by   schedule  when a mailbox answers
      autoreply_message the answer as it is written

    html, html_…    HTML prepared for the frame that shows it; spoof: who really wrote
    names, domains  which company a text or an address belongs to; legal_forms
    export          messages as files: zip, mbox; mail_files, mbox: and back
    filename        names for downloads      vault   secrets at rest
    oauth           signing in without a password: RFC 6749, 7636; sasl: RFC 7628
    web             HTTP through the guard
    net_guard       which addresses may be reached; all lines begin there
    retry           when to try again, as a value
    errors          what can go wrong; network code raises nothing else

Limits are constants at the head of each module. Reading never raises on odd input:
a message is read, with its defects listed, or is ``Unreadable``.
"""
