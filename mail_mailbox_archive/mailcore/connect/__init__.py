"""Lines to the outside: which addresses may be reached, HTTP, signing in, discovery.

``net_guard`` opens every socket. Calls ``addresses`` and the top of ``mailcore``.
"""
