"""Icons of the web client have words; colours of text are readable in both themes."""

import unittest
from pathlib import Path
from xml.etree import ElementTree

ADDONS = Path(__file__).resolve().parents[3]
#: What puts words between the tags of an element.
WORDS = ("t-esc", "t-out", "t-slot", "t-call", "t-field")


def _templates():
    files = sorted(ADDONS.glob("mail_mailbox_archive*/static/src/**/*.xml"))
    assert files, "no templates"
    for file in files:
        yield file.name, ElementTree.parse(file).getroot()


def _views():
    files = sorted(ADDONS.glob("mail_mailbox_archive*/views/*.xml"))
    assert files, "no views"
    for file in files:
        yield file.name, ElementTree.parse(file).getroot()


def _has(node, name):
    return bool(
        node.get(name) or node.get(f"t-att-{name}") or node.get(f"t-attf-{name}")
    )


def _is_icon(node):
    classes = f"{node.get('class', '')} {node.get('t-attf-class', '')}".split()
    return node.tag == "i" and ("fa" in classes or "oi" in classes)


def _has_words(node):
    """Return whether an element has words that are seen."""
    if "visually-hidden" in node.get("class", "") or _is_icon(node):
        return False
    if any(node.get(name) for name in WORDS) or (node.text or "").strip():
        return True
    return any(_has_words(one) or (one.tail or "").strip() for one in node)


def find_mute(root):
    """Return the icons and buttons below ``root`` that say nothing to somebody."""
    found = []
    for node in root.iter():
        spoken = node.get("role") == "img" and _has(node, "aria-label")
        if _is_icon(node) and node.get("aria-hidden") != "true":
            if not (spoken and _has(node, "title")):
                found.append(ElementTree.tostring(node, "unicode").strip())
        if node.tag in ("button", "a") and not _has_words(node):
            named = _has(node, "aria-label")
            if not (named and (_has(node, "title") or _has(node, "data-tooltip"))):
                found.append(ElementTree.tostring(node, "unicode").strip())
    return found


class TestIcons(unittest.TestCase):
    def test_each_has_words(self):
        for name, root in _templates():
            with self.subTest(name):
                self.assertEqual(find_mute(root), [])

    def test_mute_ones_are_found(self):
        for mute in (
            '<i class="fa fa-lock" />',
            '<i class="fa fa-lock" title="Locked" />',
            '<button title="Print"><i class="fa" aria-hidden="true" /></button>',
            '<a aria-label="Print"><i class="fa" aria-hidden="true" /></a>',
            '<button><span class="visually-hidden">Print</span></button>',
        ):
            root = ElementTree.fromstring(f"<t>{mute}</t>")
            self.assertTrue(find_mute(root), mute)

    def test_no_text_has_a_colour_of_the_light_theme_alone(self):
        # Odoo's dark theme leaves Bootstrap's "emphasis" as dark as in the light one
        for name, root in (*_templates(), *_views()):
            classes = " ".join(node.get("class", "") for node in root.iter())
            with self.subTest(name):
                self.assertNotIn("-emphasis", classes)
