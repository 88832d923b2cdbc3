# ruff: noqa: F821 (Odoo's shell gives env, the files before give the rest)
"""It is one now."""

pdf = message("With a Content-ID")
check((pdf.attachment_count, pdf.part_ids.inline), (1, False))
check(message("Offer").attachment_count, 1)
