"""A source read: the MIME tree, fields, bodies, parts, words and identity.

Never raises on odd input but ``Unreadable``. Calls ``html``, ``addresses`` and the top
of ``mailcore``.
"""
