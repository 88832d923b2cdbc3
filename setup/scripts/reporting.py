"""What the benches share: their options, tables in Markdown, charts in SVG.

A bench asks ``OPTIONS`` for what was given on the command line, makes a :class:`Report`
of its name, and gives it tables; each is printed when it is there.
"""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace
from xml.sax.saxutils import escape

OPTIONS = SimpleNamespace(
    **dict.fromkeys(("size", "mailboxes", "repeats", "output"))
    | {"seed": 1, "plan": False}
    | json.loads(os.environ.get("MAILBOX_BENCH", "{}"))
)
#: Of a chart, in pixels; a letter at its widest.
ROW, BAR, LETTER = 30, 420, 8
#: Read on a light and on a dark page.
STYLE = (
    "text{font:13px sans-serif;fill:#444}rect{fill:#8a7fb8}rect.ours{fill:#714b67}"
    "@media (prefers-color-scheme:dark){text{fill:#ddd}rect.ours{fill:#d0a3c4}}"
)


def figure(number: float) -> str:
    """A number with as many digits as one can trust."""
    return f"{number:,.0f}" if abs(number) >= 20 else f"{number:.3g}"


def median(numbers: Iterable[float]) -> float:
    return statistics.median(numbers)


class Report:
    """The tables and the chart of one bench, printed and kept where it was asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parts: list[str] = []

    def say(self, text: str) -> None:
        """Print a paragraph."""
        print(text, flush=True)
        self.parts.append(text)
        self._keep(f"{self.name}.md", "\n\n".join(self.parts) + "\n")

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print rows of words and numbers."""
        lines = ["| " + " | ".join(headings) + " |"]
        lines.append("|---" * len(headings) + "|")
        for row in rows:
            cells = (c if isinstance(c, str) else figure(c) for c in row)
            lines.append("| " + " | ".join(cells) + " |")
        self.say("\n".join(lines))

    def chart(self, unit: str, values: Sequence[tuple[str, float]], ours: str) -> None:
        """Keep bars of values.

        :param ours: how the labels of our own bars begin
        """
        most = max(value for _label, value in values)
        left = LETTER * max(len(label) for label, _value in values) + 16
        figures = [f"{figure(value)} {unit}" for _label, value in values]
        width = left + BAR + LETTER * max(map(len, figures)) + 16
        height = ROW * len(values) + 10
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
            f' viewBox="0 0 {width} {height}" role="img">',
            f"<title>{escape(unit)}</title><style>{STYLE}</style>",
        ]
        for number, (label, value) in enumerate(values):
            top = 5 + ROW * number
            kind = ' class="ours"' if label.startswith(ours) else ""
            length = max(1, round(BAR * value / most))
            parts.append(
                f'<text x="{left - 8}" y="{top + 19}" text-anchor="end">'
                f'{escape(label)}</text><rect{kind} x="{left}" y="{top + 4}"'
                f' width="{length}" height="{ROW - 8}"/>'
                f'<text x="{left + length + 6}" y="{top + 19}">'
                f"{escape(figures[number])}</text>"
            )
        self._keep(f"{self.name}.svg", "\n".join([*parts, "</svg>", ""]))

    def _keep(self, name: str, text: str) -> None:
        if OPTIONS.output:
            folder = Path(OPTIONS.output)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
