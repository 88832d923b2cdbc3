"""HTML as tokens: what reading and viewing have in common.

Elements, references to resources, readable text. Calls nothing but the top of
``mailcore``.
"""
