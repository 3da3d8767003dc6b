"""Workbooks by hand, for what no spreadsheet program writes."""

from __future__ import annotations

import io
import zipfile

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORKBOOK = f'<workbook {MAIN} xmlns:r="{_OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
LINKS = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)


def row(number: object, *cells: str) -> str:
    """Texts become cells; what begins with "<c" is one already."""
    inner = "".join(
        cell if cell.startswith("<c") else f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells
    )
    return f'<row r="{number}">{inner}</row>'


HEADER = row(1, "sku", "price", "inventory")


def sheet(rows: str) -> str:
    return f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"


def texts(inner: str) -> str:
    return f"<sst {MAIN}>{inner}</sst>"


def book(rows: str = HEADER, **parts: str | bytes | None) -> bytes:
    """`workbook`, `links`, `whole_sheet`, `texts` replace a part; None leaves it out."""
    found: dict[str, str | bytes | None] = {
        "xl/workbook.xml": parts.get("workbook", WORKBOOK),
        "xl/_rels/workbook.xml.rels": parts.get("links", LINKS),
        "xl/worksheets/sheet1.xml": parts.get("whole_sheet", sheet(rows)),
        "xl/sharedStrings.xml": parts.get("texts"),
        "xl/media/picture.bin": parts.get("padding"),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in found.items():
            if content is not None:
                kind = zipfile.ZIP_STORED if name.endswith(".bin") else zipfile.ZIP_DEFLATED
                archive.writestr(name, content, compress_type=kind)
    return file.getvalue()
