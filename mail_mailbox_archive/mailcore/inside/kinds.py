"""Which attachments are opened to be read, by what their sender calls them.

What they really are, their bytes say, in the process that reads them.
"""

from __future__ import annotations

from .tnef import is_tnef

#: Kind of file by the end of its name.
BY_NAME = {
    "pdf": "pdf",
    "docx": "docx",
    "docm": "docx",
    "dotx": "docx",
    "xlsx": "xlsx",
    "xlsm": "xlsx",
    "pptx": "pptx",
    "ppsx": "pptx",
    "odt": "odt",
    "ods": "ods",
    "odp": "odp",
    "xml": "xml",
}
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
#: Kind of file by its media type, where the name says nothing.
BY_TYPE = {
    "application/pdf": "pdf",
    "application/x-pdf": "pdf",
    f"{_OFFICE}wordprocessingml.document": "docx",
    f"{_OFFICE}spreadsheetml.sheet": "xlsx",
    f"{_OFFICE}presentationml.presentation": "pptx",
    f"{_OPEN}text": "odt",
    f"{_OPEN}spreadsheet": "ods",
    f"{_OPEN}presentation": "odp",
    "application/xml": "xml",
    "text/xml": "xml",
}
#: Characters of the words that are kept of one.
MAX_WORDS = 200_000
#: Larger files are not read.
MAX_SIZE = 32 * 2**20


def kind_of(filename: str, mimetype: str) -> str:
    """Return the kind of file that an attachment is to be read as, "" for none."""
    name = filename.lower().rstrip(" .")
    if name.endswith(".xml.p7m"):
        return "xml"
    if is_tnef(filename, mimetype):
        return "tnef"
    _stem, dot, ending = name.rpartition(".")
    if dot and ending in BY_NAME:
        return BY_NAME[ending]
    return BY_TYPE.get(mimetype.lower(), "")
