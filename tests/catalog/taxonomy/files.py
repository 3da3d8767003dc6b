"""The four taxonomy files, small, as bytes to upload."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.catalog import rows

NAMES = {
    "categories": "Jet_Taxonomy.csv",
    "attributes": "Jet_Taxonomy_attribute.csv",
    "values": "Jet_Taxonomy_attribute_value.csv",
    "links": "Jet_Taxonomy_mapping.csv",
}
# Against `rows.make_taxonomy`: Teapots is gone, Kettles is renamed, Cups is new, Tea moved below Dining.
CATEGORIES = (
    "id,Name,Parent_id,active,Level,JetTaxCode\n"
    f"{rows.ROOT},Kitchen,0,1,0,\n500,Dining,0,1,0,\n"
    f"{rows.MIDDLE},Tea,500,1,1,\n"
    f"{rows.LEAF},Tea Kettles,{rows.MIDDLE},1,2,Generic Taxable Product\n"
    f"77000,Caf\xe9 Cups,{rows.MIDDLE},1,2,\n"
)
ATTRIBUTES = (
    "id,description,display_name,free_text,variant,retired\n"
    f"{rows.COLOR},Colour of it,Color,0,1,0\n{rows.SIZE},Size,Size Name,1,1,0\n"
    "234862620841227,Spout,Spout Type,0,0,0\n1.41513E+14,Lost,Lost,0,0,0\n"
)
VALUES = (
    "ID,attribute_id,value,units,retired\n"
    f"1,{rows.COLOR},Copper,NULL,0\n2,{rows.COLOR},Matte Black,NULL,0\n3,{rows.COLOR},Mauve,NULL,1\n"
    "4,234862620841227,Gooseneck,NULL,0\n5,999,x,NULL,0\n"
)
LINKS = (
    "attribute_id,category_id,active\n"
    f"{rows.COLOR},{rows.LEAF},1\n{rows.SIZE},{rows.LEAF},1\n234862620841227,{rows.LEAF},1\n"
    f"1.41513E+14,{rows.LEAF},1\n{rows.COLOR},{rows.LEAF},1\n"
)
GOOD = {"categories": CATEGORIES, "attributes": ATTRIBUTES, "values": VALUES, "links": LINKS}


def uploads(texts: Mapping[str, str | bytes] | None = None, *, without: str = "") -> list[SimpleUploadedFile]:
    """The files as a browser sends them, in Windows-1252; `texts` replaces some of them."""
    found = []
    for kind, text in {**GOOD, **(texts or {})}.items():
        if kind != without:
            data = text if isinstance(text, bytes) else text.encode("cp1252")
            found.append(SimpleUploadedFile(NAMES[kind], data, "text/csv"))
    return found
