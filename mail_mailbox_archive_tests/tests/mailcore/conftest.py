"""What tests of mailcore that speak TLS have in common.

A module takes ``trusted`` where its clients are to trust our authority::

    pytestmark = pytest.mark.usefixtures("trusted")
"""

import pytest

from odoo.addons.mail_mailbox_archive_tests.tests.servers.certificates import Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """An authority of the module's own, which nobody trusts but by ``trusted``."""
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def trusted(authority, monkeypatch):
    """Trust that authority, and no other."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
