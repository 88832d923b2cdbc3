"""What others said, for people: text, whatever it looks like."""

from markupsafe import Markup


def as_text(words):
    """Return ``words`` for an HTML field, with nothing in them alive.

    Not an address either: what a server says is no place to go to.
    """
    lines = Markup("<br>").join((words or "").splitlines())
    return Markup("<p>%s</p>") % lines
