"""A finished message checked and written for the wire, its providers, and its reports.

One file for each provider in ``providers``. Calls ``imap``'s words of errors,
``connect``, ``read``, ``addresses`` and the top of ``mailcore``.
"""
