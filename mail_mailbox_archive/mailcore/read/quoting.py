"""Where an answer ends and the mail it answers begins, in plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Characters of one line that are looked at.
_MAX_LINE = 300
#: Lines over which "On …, … wrote:" may be broken.
_MAX_ATTRIBUTION = 4

_WROTE = re.compile(
    r"(?i)\b(?:wrote|writes|napisała?|pisze|schrieb|schreef|écrit|ecrit|escribió|"
    r"scritto|escreveu|skrev|kirjoitti|napsala?|написал[аи]?|пишет|написав)\b"
)
_ATTRIBUTION_START = re.compile(
    r"(?i)(?:on|w dniu|dnia|am|le|el|il|em|op|den|dne)\b|\w{2,4}[.,]|\d"
)
_TIME_OR_ADDRESS = re.compile(r"\d:\d\d|\S@\S")
_MARKED = re.compile(
    r"(?i)original|oryginaln|ursprüngl|origine|forwarded|przekazan|weitergeleitet|"
    r"transf|reenviado|inoltrat|doorgestuurd|исходн|přepos|původní"
)
_RULES = ("--", "__", "**")
#: With one of these begins whatever line may begin a quotation, or it has a colon.
_BEGINNINGS = (">", *_RULES)
_LABEL = re.compile(r"\*?([^\W\d_][\w’'.-]{0,20}) ?:")
_FROM = frozenset("from von od de da van från fra от lähettäjä".split())
_FIELDS = _FROM | frozenset(
    "sent date to cc subject gesendet datum an betreff wysłano wyslano data do dw "
    "temat envoyé objet à enviado enviada para asunto assunto inviato a oggetto "
    "verzonden aan onderwerp skickat till ämne sendt til emne отправлено кому тема "
    "odesláno komu předmět".split()
)
_UNDERSCORES = re.compile(r"_{10,}$")


def quote_start(text: str) -> int:
    """Return where the trailing quoted part begins, ``len(text)`` when there is none.

    An answer between or below the quoted lines is not cut off.
    """
    lines = text.split("\n")
    at = _first_quoted(lines)
    if at == len(lines):
        return len(text)
    return min(sum(len(line) + 1 for line in lines[:at]), len(text))


def own_text(text: str) -> str:
    """Return ``text`` without quoted lines wherever they stand; all if none is left."""
    text, whole = text[: quote_start(text)], text
    if ">" not in text:
        return text if text.strip() else whole
    lines = text.split("\n")
    own: list[str] = []
    for at, line in enumerate(lines):
        if not line.startswith(">"):
            own.append(line)
        elif own and not lines[at - 1].startswith(">"):
            _drop_attribution(own)
    kept = "\n".join(own)
    return kept if kept.strip() else whole


def _drop_attribution(own: list[str]) -> None:
    while own and not own[-1].strip():
        own.pop()
    at = len(own) - 1
    if own and (start := _attribution_start(own, at)) is not None:
        del own[start:]


def _first_quoted(lines: Sequence[str]) -> int:
    """Return the first line of the quoted part, ``len(lines)`` without one."""
    backwards = range(len(lines) - 1, -1, -1)
    own = (at for at in backwards if lines[at].strip() and lines[at][0] != ">")
    last_own = next(own, -1)
    for at, line in enumerate(lines):
        if ":" not in line and not line.lstrip().startswith(_BEGINNINGS):
            continue
        head = line[:_MAX_LINE].strip()
        if not head:
            continue
        if head[0] == ">":
            if at > last_own:
                return at
        elif head.startswith(_RULES) and _is_marker(head):
            return at
        elif head.endswith(":"):
            start = _attribution_start(lines, at)
            if start is not None and (at >= last_own or _is_unmarked(lines, start, at)):
                return start
        elif ":" in head and _is_header_block(lines, at, head):
            ruled = at and _UNDERSCORES.match(lines[at - 1][:_MAX_LINE].strip())
            return at - 1 if ruled else at
    return len(lines)


def _is_marker(head: str) -> bool:
    """Whether it is a line such as ``-----Original Message-----``."""
    return head.endswith(_RULES) and bool(_MARKED.search(head))


def _attribution_start(lines: Sequence[str], at: int) -> int | None:
    """Return where the attribution that ends at line ``at`` begins, if it is one."""
    first = max(at - _MAX_ATTRIBUTION + 1, 0)
    block = [line[:_MAX_LINE].strip() for line in lines[first : at + 1]]
    if not block[-1].endswith(":") or not _WROTE.search(" ".join(block)):
        return None
    joined = ""
    for start in range(len(block) - 1, -1, -1):
        line = block[start]
        if not line or line[0] == ">":
            return None
        joined = f"{line} {joined}"
        if _ATTRIBUTION_START.match(line) and _WROTE.search(joined):
            if any(sign.isdigit() for sign in joined):
                return first + start
    return None


def _is_unmarked(lines: Sequence[str], start: int, at: int) -> bool:
    """Whether the email quoted after an attribution has no ``>`` before its lines."""
    if not _TIME_OR_ADDRESS.search(" ".join(lines[start : at + 1])[:_MAX_LINE]):
        return False
    after = (line for line in lines[at + 1 : at + 10] if line.strip())
    return not next(after, ">").startswith(">")


def _is_header_block(lines: Sequence[str], at: int, head: str) -> bool:
    """Whether ``From:``, ``Sent:``, ``To:``… of a quoted mail begin at line ``at``."""
    label = _LABEL.match(head)
    if not label or label[1].lower() not in _FROM:
        return False
    block = [_LABEL.match(line[:_MAX_LINE].strip()) for line in lines[at : at + 8]]
    return sum(bool(match and match[1].lower() in _FIELDS) for match in block) >= 3
