"""What is inside of attachments, read in a child process with limits.

What unpacks and interprets other people's files may take any time and memory, and may
have faults of its own. So it never runs in the server: ``child`` starts a process for
each file, hands it the bytes and takes plain data back, see there for the limits. A job
is a module of this room with a function ``read``; it runs in that process alone.

Calendar objects are the exception: ``content_line`` and what calls it are our own, go
once over a text that is not long, and read it in the server, like the rest of an email.
"""
