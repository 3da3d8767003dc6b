"""Whose columns a file's columns are: guessed from their names, chosen by the merchant, or left out. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

from catalog.csv_columns import FIELD_PREFIX, IGNORED, NOTE_COLUMNS, column_names, is_field
from catalog.csv_reader import column_name
from catalog.enums import CsvKind
from catalog.node_columns import NO_NODES, NodeColumns, is_node
from catalog.store_values import field_problem

# How other shops and marketplaces name our columns, without case and signs. A weight without its unit is not guessed.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "sku": (
        "itemsku",
        "sellersku",
        "merchantsku",
        "variantsku",
        "productsku",
        "skuid",
        "skunumber",
        "articlenumber",
        *("customlabel", "customlabelsku", "stockkeepingunit", "artikelnummer", "reference"),
    ),
    "price": (
        "regularprice",
        "variantprice",
        "sellingprice",
        "saleprice",
        "yourprice",
        "priceusd",
        "itemprice",
        *("standardprice", "startprice", "unitprice", "preis", "prix", "precio", "prezzo"),
    ),
    "inventory": (
        *("quantity", "qty", "stock", "stockquantity", "onhand", "available", "instock", "pieces"),
        *(
            "variantinventoryqty",
            "quantityavailable",
            "availablequantity",
            "bestand",
            "lagerbestand",
            "menge",
        ),
    ),
    "product_title": ("title", "name", "productname", "itemname", "itemtitle", "titel", "artikelname"),
    "product_description": ("description", "bodyhtml", "body", "longdescription", "beschreibung"),
    "brand": ("vendor", "brandname", "marke", "marque", "marca"),
    "manufacturer": ("maker", "manufacturername", "hersteller", "fabricant"),
    "mfr_part_number": (
        "mpn",
        "partnumber",
        "manufacturerpartnumber",
        "modelnumber",
        "partno",
        "manufacturerpartno",
    ),
    "main_image_url": (
        "image",
        "imageurl",
        "imagesrc",
        "mainimage",
        "picture",
        "images",
        "baseimage",
        "imagelink",
        "imagelocation",
    ),
    "store_category": ("category", "producttype", "categories", "productcategory"),
    "bullet1": ("bulletpoint1", "keyfeature1"),
    "bullet2": ("bulletpoint2", "keyfeature2"),
    "bullet3": ("bulletpoint3", "keyfeature3"),
    "bullet4": ("bulletpoint4", "keyfeature4"),
    "bullet5": ("bulletpoint5", "keyfeature5"),
    "alternate_image1": ("otherimageurl1", "additionalimage1"),
    "alternate_image2": ("otherimageurl2", "additionalimage2"),
    "standard_product_code1": ("externalproductid", "productid"),
    "standard_product_code_type1": ("externalproductidtype", "productidtype"),
    "msrp": ("listprice", "retailprice", "compareatprice", "variantcompareatprice"),
    "map_price": ("map", "minimumadvertisedprice"),
    "shipping_weight_pounds": (
        "weightlb",
        "weightlbs",
        "weightpounds",
        "weightinpounds",
        "shippingweightlbs",
    ),
    "package_length_inches": ("lengthin", "lengthinches", "packagelength"),
    "package_width_inches": ("widthin", "widthinches", "packagewidth"),
    "package_height_inches": ("heightin", "heightinches", "packageheight"),
    "multipack_quantity": ("multipack", "packsize", "unitsperpack"),
    "country_of_origin": ("origin", "madein", "countrymanufacturer"),
    "jet_browse_node_id": ("jetcategory", "jetcategoryid", "browsenode", "browsenodeid"),
    "group_title": ("grouptitle", "grouptitel", "title"),
}
LIKELY = 0.75
# Single words that say what a longer name means, where all of its words that say anything say the same.
HINTS = {
    "sku": "sku",
    "price": "price",
    **dict.fromkeys(("qty", "quantity", "stock", "inventory"), "inventory"),
    "title": "product_title",
    "description": "product_description",
    "brand": "brand",
    "manufacturer": "manufacturer",
    "mpn": "mfr_part_number",
    "msrp": "msrp",
    "category": "store_category",
    "asin": "asin",
}
# A name with one of these is of something else: a price per unit, a stock status, a category of a marketplace.
OTHERWISE = frozenset(
    {
        "per",
        "unit",
        "cost",
        "old",
        "special",
        "status",
        "date",
        "id",
        "type",
        "min",
        "max",
        "low",
        "policy",
        "shipping",
    }
)


def bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


def is_known(name: str, kind: str) -> bool:
    if is_field(name):
        return kind == CsvKind.PRODUCTS and not field_problem(name.removeprefix(FIELD_PREFIX), "")
    return name in column_names(kind) or name in NOTE_COLUMNS


def needs_choice(columns: Sequence[str], kind: str, nodes: NodeColumns = NO_NODES) -> bool:
    """Whether a header names what we do not know, or one column twice, so that somebody has to say what is meant.

    `nodes`: the merchant's, for a file of prices; columns that name one stand under their usual names.
    """
    ours = set(nodes.names)
    return len(set(columns)) < len(columns) or not all(
        is_known(name, kind) or name in ours for name in columns
    )


def guess_columns(
    header: Sequence[str],
    kind: str,
    remembered: Mapping[str, str] | None = None,
    nodes: NodeColumns = NO_NODES,
) -> list[str]:
    """Our name per column of the file, "" where none is likely; none of ours is given away twice.

    Names that are ours come first, then what the merchant chose for a name before, then other shops' words for it, then
    likeness, then single words that say it. A name that speaks of a fulfilment node is never taken for the price or
    inventory of the whole product.
    """
    names = [*column_names(kind), *nodes.names]
    titles = nodes.resolved(header)
    of_node = is_node if kind == CsvKind.PRICE_INVENTORY else _never
    found = [IGNORED] * len(header)
    taken: set[str] = set()
    for guess in (_exact, _remembered, _by_synonym, _by_likeness, _by_words):
        for number, title in enumerate(titles):
            if found[number] or (of_node(title) and guess not in {_exact, _remembered}):
                continue
            name = guess(header[number] if guess is _remembered else title, kind, names, remembered or {})
            if name and name not in taken:
                found[number] = name
                taken.add(name)
    return found


def _never(_title: str) -> bool:
    return False


def _exact(title: str, kind: str, names: Sequence[str], _remembered: Mapping[str, str]) -> str:
    name = title if title in names else column_name(title)
    return name if is_known(name, kind) or name in names else ""


def _remembered(title: str, kind: str, names: Sequence[str], remembered: Mapping[str, str]) -> str:
    name = remembered.get(title, "")
    return name if name and (is_known(name, kind) or name in names) else ""


def _by_synonym(title: str, _kind: str, names: Sequence[str], _remembered: Mapping[str, str]) -> str:
    text = bare(title)
    return next(
        (name for name in names if text and (text == bare(name) or text in SYNONYMS.get(name, ()))), ""
    )


def _by_likeness(title: str, _kind: str, names: Sequence[str], _remembered: Mapping[str, str]) -> str:
    near = difflib.get_close_matches(column_name(title), names, n=1, cutoff=LIKELY)
    return near[0] if near else ""


def _by_words(title: str, _kind: str, names: Sequence[str], _remembered: Mapping[str, str]) -> str:
    words = re.findall(r"[a-z]+", title.lower())
    hints = {HINTS[word] for word in words if word in HINTS}
    name = hints.pop() if len(hints) == 1 else ""
    return name if name in names and not OTHERWISE.intersection(words) else ""


def applied(header: Sequence[str], chosen: Mapping[str, str]) -> list[str]:
    """Our names by the merchant's choice: `chosen` maps names of the file, in any case; others stay what they are."""
    lower = {title.strip().lower(): name.strip() for title, name in chosen.items()}
    own = [lower.get(title.strip().lower(), column_name(title)) for title in header]
    return [column_name(name) if name else IGNORED for name in own]
