"""Whether a message gets an automatic answer, when, and how it is written: RFC 3834.

Calls ``read``, ``addresses`` and the top of ``mailcore``.
"""
