"""README.md is what is followed, and what cannot be followed is said."""

import pytest

from setup import by_hand
from setup.console import Failure


def test_told_by_the_readme():
    copy, path, install, start = by_hand.told()
    assert copy.startswith("cp -r ") and copy.endswith(by_hand.FOLDER)
    assert path.endswith(by_hand.FOLDER)
    assert install == "pip install -r requirements.txt"
    assert start.endswith("-i mail_mailbox_archive")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "## Install it in your Odoo 19\n\n1. Do `one thing`.\n\n## Next\n",
        "## Install it in your Odoo 19\n\n1. `odoo -i it`\n\n## Next\n",
    ],
)
def test_not_told(text, tmp_path, monkeypatch):
    monkeypatch.setattr(by_hand, "README", tmp_path / "README.md")
    by_hand.README.write_text(text)
    with pytest.raises(Failure, match="other ways"):
        by_hand.told()
