"""One entity of the MIME tree, as a range of a source (RFC 2045)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..transfer import decode_content, decoded_size
from .parameters import parameters

#: Lower-case name → values as they stand in the source, 8-bit bytes as surrogates.
Headers = dict[str, list[str]]


@dataclass(slots=True)
class Node:
    """One entity; ``start`` and ``stop`` bound its content, still encoded.

    They are places of the source, or of ``data`` where that is not None: what was found
    inside of a text is not a range of the source where the text was encoded.
    """

    path: str
    headers: Headers
    mimetype: str
    #: Of Content-Type.
    parameters: dict[str, str]
    start: int
    stop: int
    children: list[Node] = field(default_factory=list)
    #: Of the whole message: its header fields in their order, as they stand there.
    fields: list[tuple[str, str]] = field(default_factory=list)
    data: bytes | None = field(default=None, repr=False)
    #: Where its own header begins.
    begin: int = 0
    #: What it is called whatever its header says, "" for what that says.
    known_as: str = ""

    @property
    def encoding(self) -> str:
        """Content-Transfer-Encoding, lower case, without comment."""
        value = self.headers.get("content-transfer-encoding", [""])[0]
        return value.partition("(")[0].strip().strip(";").lower()

    @property
    def raw_name(self) -> str:
        """The file name as the header has it, "" if there is none."""
        if self.known_as:
            return self.known_as
        values = self.headers.get("content-disposition")
        given = parameters(values[0])[1].get("filename") if values else None
        return given or self.parameters.get("name", "")

    def content(self, source: bytes, limit: int | None = None) -> bytes:
        """Return the decoded content, of at most ``limit`` encoded bytes."""
        source = source if self.data is None else self.data
        stop = self.stop if limit is None else min(self.stop, self.start + limit)
        return decode_content(memoryview(source)[self.start : stop], self.encoding)

    def size(self, source: bytes) -> int:
        """Return the size of the decoded content in bytes."""
        source = source if self.data is None else self.data
        return decoded_size(source, self.start, self.stop, self.encoding)

    def walk(self) -> Iterator[Node]:
        """Yield all entities, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()
