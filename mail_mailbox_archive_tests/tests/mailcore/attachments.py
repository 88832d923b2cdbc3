"""Attachments written by hand in the published forms of their kinds."""

import io
import zipfile

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_X = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_O = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_T = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"


def zipped(files):
    """Return a zip of name → text or bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def docx(*paragraphs):
    lines = "".join(
        f"<w:p><w:r><w:t>{one[:3]}</w:t></w:r><w:r><w:t>{one[3:]}</w:t></w:r></w:p>"
        for one in paragraphs
    )
    document = f'<w:document xmlns:w="{_W}"><w:body>{lines}</w:body></w:document>'
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": document})


def xlsx(*texts, number="4200.5"):
    shared = "".join(f"<si><t>{one}</t></si>" for one in texts)
    cells = "".join(f'<c t="s"><v>{at}</v></c>' for at in range(len(texts)))
    row = f"<row>{cells}<c><v>{number}</v></c></row>"
    sheet = f'<worksheet xmlns="{_X}"><sheetData>{row}</sheetData></worksheet>'
    book = f'<workbook xmlns="{_X}"><sheets><sheet name="Zestawienie"/></sheets>'
    return zipped(
        {
            "xl/workbook.xml": f"{book}</workbook>",
            "xl/sharedStrings.xml": f'<sst xmlns="{_X}">{shared}</sst>',
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


def pptx(text):
    slide = f'<p:sld xmlns:p="{_P}" xmlns:a="{_A}"><a:p><a:r><a:t>{text}</a:t></a:r>'
    return zipped({"ppt/slides/slide1.xml": f"{slide}</a:p></p:sld>"})


def odt(text):
    body = f"<text:p>{text[:4]}<text:span>{text[4:]}</text:span></text:p>"
    return zipped({"content.xml": _open_document(f"<office:text>{body}</office:text>")})


def ods(text):
    cell = f"<table:table-cell><text:p>{text}</text:p></table:table-cell>"
    table = f"<table:table><table:table-row>{cell}</table:table-row></table:table>"
    return zipped({"content.xml": _open_document(table)})


def _open_document(body):
    return (
        f'<office:document-content xmlns:office="{_O}" xmlns:text="{_T}"'
        f' xmlns:table="{_TABLE}"><office:body>{body}</office:body>'
        "</office:document-content>"
    )


def pdf(text="", files=None):
    """Return a PDF of one page, with embedded files (ISO 32000-1, 7.11.4)."""
    shown = text.encode("latin-1", "replace").replace(b"(", b"\\(")
    content = b"BT /F1 12 Tf 50 700 Td (" + shown.replace(b")", b"\\)") + b") Tj ET"
    objects = [
        b"",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    listed = b""
    for name, data in (files or {}).items():
        number = len(objects) + 1
        objects.append(
            b"<</Type/EmbeddedFile/Length %d>>stream\n%s\nendstream" % (len(data), data)
        )
        objects.append(
            b"<</Type/Filespec/F(%s)/UF(%s)/EF<</F %d 0 R>>>>"
            % (name.encode(), name.encode(), number)
        )
        listed += b"(%s) %d 0 R " % (name.encode(), number + 1)
    names = b"/Names<</EmbeddedFiles<</Names[%s]>>>>" % listed
    objects[0] = b"<</Type/Catalog/Pages 2 0 R%s>>" % names
    return _numbered(objects)


def _numbered(objects):
    """Return the file of these objects, with its table of places."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(out)
