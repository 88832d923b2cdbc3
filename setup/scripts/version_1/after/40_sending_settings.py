# ruff: noqa: F821 (Odoo's shell gives env, the files before give the rest)
"""Google keeps what it sends itself; the domain is another one than strasse.example."""

check(address("google@spedbud.example").save_sent, False)
check(office.save_sent, True)
street = address("info@straße.example")
check(street.email_normalized, "info@xn--strae-oqa.example")
