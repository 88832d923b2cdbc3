"""HTML prepared for the frame that shows it, without scripts or requests outside.

Calls ``read``, ``html``, ``addresses`` and the top of ``mailcore``.
"""
