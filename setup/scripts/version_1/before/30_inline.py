# ruff: noqa: F821 (Odoo's shell gives env, the files before give the rest)
"""A PDF with a Content-ID, as Gmail attaches everything: it was no attachment."""

pdf = deliver(office, 5, "With a Content-ID")
pdf.part_ids.write({"cid": "f_k9ixz3cb0", "inline": True})
pdf.attachment_count = 0
