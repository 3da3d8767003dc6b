"""Which refusals have one cause: Jet's words without the SKU and the values in them, our field, and what to do. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from catalog.enums import FileState
from jetsync.wording import counted

LONGEST_LABEL = 300
# The guide's page of what no rule below knows.
OTHER = "other"
# Jet's validator ends a fault with the place: "… Path: standard_product_codes[0].standard_product_code".
_PATH = re.compile(r"\s*\bPath:\s*(?P<path>\S+)\s*$", re.IGNORECASE)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”")
_NUMBER = re.compile(r"(?<![A-Za-z])[-+$]?\d[\d.,]*L?\b")
_ATTRIBUTE = re.compile(r"\battribute (?P<id>\d+)", re.IGNORECASE)
# Jet names other SKUs as "SKU X", with or without "merchant" before it.
_SKU_NAMED = re.compile(r"\bSKU (?![a-z]+\b)(?P<sku>'[^']+'|\"[^\"]+\"|\S*[^\s.,:;)])")
_CODE_KIND = re.compile(r"\b(UPC|EAN|ISBN-10|ISBN-13|ISBN|GTIN-14|GTIN|ASIN)\b", re.IGNORECASE)

# Jet's member -> (our field as the editor knows it, its name in a sentence).
_MEMBERS = {
    "product_title": ("title", "Title"),
    "product_description": ("description", "Description"),
    "brand": ("brand", "Brand"),
    "manufacturer": ("manufacturer", "Manufacturer"),
    "mfr_part_number": ("mfr_part_number", "Manufacturer part number"),
    "bullets": ("bullets", "Bullet"),
    "standard_product_codes": ("codes", "Product code"),
    "standard_product_code": ("codes", "Product code"),
    "standard_product_code_type": ("codes", "Type of product code"),
    "ASIN": ("asin", "ASIN"),
    "merchant_sku": ("sku", "SKU"),
    "multipack_quantity": ("multipack_quantity", "Multipack quantity"),
    "jet_browse_node_id": ("category", "Category"),
    "attributes_node_specific": ("attributes", "Attribute"),
    "attribute_id": ("attributes", "Attribute"),
    "attribute_value": ("attributes", "Attribute value"),
    "attribute_value_unit": ("attributes", "Attribute unit"),
    "main_image_url": ("main_image_url", "Main image"),
    "swatch_image_url": ("main_image_url", "Swatch image"),
    "alternate_images": ("alternate_image_urls", "Alternate image"),
    "image_url": ("alternate_image_urls", "Alternate image"),
    "image_slot_id": ("alternate_image_urls", "Place of an image"),
    "shipping_weight_pounds": ("shipping_weight_pounds", "Shipping weight"),
    "package_length_inches": ("package_length_inches", "Package length"),
    "package_width_inches": ("package_width_inches", "Package width"),
    "package_height_inches": ("package_height_inches", "Package height"),
    "price": ("price", "Price"),
    "fulfillment_node_price": ("price", "Price at a node"),
    "msrp": ("msrp", "MSRP"),
    "map_price": ("map_price", "MAP price"),
    "map_implementation": ("map_implementation", "MAP rule"),
    "quantity": ("quantity", "Quantity"),
    "fulfillment_node_id": ("quantity", "Fulfilment node"),
    "country_of_origin": ("country_of_origin", "Country of origin"),
    "safety_warning": ("safety_warning", "Safety warning"),
    "legal_disclaimer_description": ("legal_disclaimer_description", "Legal disclaimer"),
    "number_units_for_price_per_unit": ("number_units_for_price_per_unit", "Number of units"),
    "type_of_unit_for_price_per_unit": ("type_of_unit_for_price_per_unit", "Type of unit"),
    "children_skus": ("", "Members of the group"),
    "variation_refinements": ("attributes", "Variation attributes"),
    "relationship": ("", "Kind of group"),
    "return_location_ids": ("", "Return location"),
    "time_to_return": ("", "Days to return"),
    "service_level": ("", "Service level"),
    "shipping_method": ("", "Shipping method"),
    "shipping_charge_amount": ("", "Shipping charge"),
}
_STEP_FIELDS = {"price": "price", "inventory": "quantity"}


@dataclass(frozen=True)
class Cause:
    """`key` is equal for equal causes; `field` is the editor's name of the value to mend, "" when there is none."""

    key: str
    label: str
    field: str = ""
    fix: str = ""
    code: str = OTHER


@dataclass(frozen=True)
class _Words:
    text: str
    member: str
    field: str
    name: str


@dataclass(frozen=True)
class _Rule:
    """`code` leads to its page of the guide. `label` may name the value as `{name}`, an attribute as `{attribute}`.

    `field` None = where Jet's words lead to.
    """

    code: str
    pattern: str
    label: str
    fix: str
    field: str | None = None
    fits: Callable[[_Words], bool] = lambda _words: True


def _is_code(words: _Words) -> bool:
    return words.member == "standard_product_code" or bool(_CODE_KIND.search(words.text))


_LONGEST = re.compile(r"string length .*greater than\D*(?P<limit>\d[\d,]*)", re.IGNORECASE)
_RULES = (
    _Rule(
        "sku_unknown",
        r"merchant sku unavailable",
        "Jet does not know the SKU",
        "Upload the product first. After an upload it can take Jet a minute; then send it again.",
        "",
    ),
    _Rule(
        "code_invalid",
        r"invalid|must consist of digits|string length .* must be|wrong check digit",
        "Invalid {kind}",
        "Compare the code with the one printed on the package and correct it.",
        "codes",
        _is_code,
    ),
    _Rule(
        "group_differs",
        r"differs from the parent",
        "A SKU of the group differs from the parent",
        "Every SKU of a group needs the same brand and Jet category.",
    ),
    _Rule(
        "group_lacks",
        r"lacks attribute",
        "A SKU of the group lacks attribute {attribute}",
        "Every SKU of a group needs a value of each attribute that tells them apart: fill it on the SKU named.",
        "attributes",
    ),
    _Rule("missing", r"required member is missing|is required", "{name} is missing", "Fill the value."),
    _Rule("too_long", r"string length .* greater than", "{name} is too long", "Shorten the text."),
    _Rule("too_short", r"string length .* less than", "{name} is too short", "Write more."),
    _Rule("too_many", r"array length .* greater than", "Too many values: {name}", "Leave some out."),
    _Rule("empty_list", r"array length .* less than", "{name} is missing", "Give at least one."),
    _Rule(
        "category_unknown",
        r"not a known browse node",
        "Jet does not know the category",
        "Choose another category.",
        "category",
    ),
    _Rule(
        "attribute_unknown",
        r"not a known attribute",
        "Jet does not know the attribute",
        "Choose the attributes anew.",
        "attributes",
    ),
    _Rule(
        "attribute_value",
        r"one of the attribute's values",
        "Attribute value is not in Jet's list",
        "Pick one of the values that Jet offers.",
        "attributes",
    ),
    _Rule(
        "attribute_unit",
        r"one of the attribute's units",
        "Attribute unit is not in Jet's list",
        "Pick one of the units that Jet offers.",
        "attributes",
    ),
    _Rule(
        "node_unknown",
        r"not a fulfillment node",
        "Jet does not know the fulfilment node",
        "Settings, Jet account: “Read from Jet” lists the ids that Jet knows and marks the others. Correct or remove it.",
    ),
    _Rule(
        "location_unknown",
        r"not a return location",
        "Jet does not know the return location",
        "Settings, Return locations: “Read from Jet” lists the ids that Jet knows and marks the others. Correct it.",
    ),
    _Rule("not_in_list", r"not one of the allowed values", "{name} is not in Jet's list", "Choose a value that Jet offers."),
    _Rule(
        "not_address",
        r"not an absolute url",
        "{name} is no web address",
        "Give the whole address, beginning with https://.",
    ),
    _Rule(
        "image_host",
        r"images on .* are not accepted",
        "Image host is not accepted",
        "Put the picture on another server.",
        "main_image_url",
    ),
    _Rule("too_low", r"less than the minimum|must be greater than", "{name} is too low", "Correct the number."),
    _Rule(
        "too_high",
        r"greater than the maximum|digits before the decimal|\btoo (dear|high|large)",
        "{name} is too high",
        "Correct the number.",
    ),
    _Rule("decimals", r"more than .* decimals", "{name} has too many decimals", "Give two decimals at most."),
    _Rule("twice", r"is used twice", "{name} is given twice", "Keep one of them."),
    _Rule("slash", r"must not hold a slash", "SKU holds a slash", "Jet takes no slash in a SKU: make a new one.", "sku"),
)  # fmt: skip


def cause_of(step: str, words: str, sku: str = "", others: Collection[str] = ()) -> Cause:
    """The cause behind one sentence of Jet about one SKU. `step` as Step; the same words of another step differ.

    `others`: SKUs that the sentence may name as well, those of the group. Their names make no cause of their own.
    """
    said = _read(step, words, (sku, *others))
    for rule in _RULES:
        if re.search(rule.pattern, said.text, re.IGNORECASE) and rule.fits(said):
            label = rule.label.format(
                name=said.name, kind=_code_kind(words), attribute=attribute_named(words)
            )
            field = said.field if rule.field is None else rule.field
            return Cause(_key(step, label), label, field, _fix(rule, words), rule.code)
    label = f"{said.text or 'No reason given'}{f' ({said.name})' if said.member else ''}"[:LONGEST_LABEL]
    return Cause(_key(step, label), label, said.field, "Correct the value on the product and send it again.")


def _fix(rule: _Rule, words: str) -> str:
    """With the limit, where Jet's words name it."""
    found = _LONGEST.search(words) if rule.code == "too_long" else None
    return f"Shorten the text to at most {found['limit']} characters." if found else rule.fix


def refusal_codes() -> list[str]:
    """All that a cause's `code` can be; the guide explains each."""
    return [*(rule.code for rule in _RULES), OTHER]


def attribute_named(words: str) -> int | str:
    """The id of the attribute that Jet's words are about; "" when they name none."""
    found = _ATTRIBUTE.search(words)
    return int(found["id"]) if found else ""


def sku_named(words: str) -> str:
    """The SKU that Jet's words are about, as in "SKU HF-1 lacks attribute 101L."; "" when they name none."""
    found = _SKU_NAMED.search(words)
    return found["sku"].strip("'\"") if found else ""


def _read(step: str, words: str, skus: Iterable[str]) -> _Words:
    """The sentence without what differs from SKU to SKU, and the member that it is about."""
    found = _PATH.search(words)
    path = found["path"] if found else ""
    members = [part for part in re.split(r"[.\[\]\d]+", path) if part]
    text = words[: found.start()] if found else words
    # The longest first: HF-1 is a part of HF-10.
    for sku in sorted(filter(None, skus), key=len, reverse=True):
        text = text.removeprefix(f"{sku}: ").replace(sku, "…")
    text = _SKU_NAMED.sub("SKU …", text)
    text = _NUMBER.sub("n", _QUOTED.sub("…", text))
    text = " ".join(text.split()).strip(" .:;")
    member = members[-1] if members else ""
    field, name = _MEMBERS.get(member, ("", member.replace("_", " ").capitalize()))
    if not name:
        field, name = _named_in(text, step)
    return _Words(text[:LONGEST_LABEL], member, field, name)


def _named_in(text: str, step: str) -> tuple[str, str]:
    """Without a path the words themselves may name the value; else the step does."""
    lower = text.lower()
    for field, name in _MEMBERS.values():
        if field and re.search(rf"\b{re.escape(name.lower())}\b", lower):
            return field, name
    field = _STEP_FIELDS.get(step, "")
    return field, field.capitalize() or "A value"


def _code_kind(words: str) -> str:
    found = _CODE_KIND.search(words)
    return found[0].upper() if found else "product code"


def _key(step: str, label: str) -> str:
    return hashlib.sha256(f"{step}|{label.lower()}".encode()).hexdigest()[:32]


_FILE_WORDS = {
    FileState.BUILDING: "The file is being written and has not left yet.",
    FileState.SENT: "Jet has the file and has not begun with it. The result is read by itself.",
    FileState.PROCESSING: "Jet works through the file. The result is read by itself.",
    FileState.DONE: "Jet took every product of this file.",
    FileState.FAILED: "The file did not reach Jet, so nothing in it was changed there.",
    FileState.RESUBMITTED: "Its refused products were sent again in a newer file, which Jet has not taken as a whole yet.",
    FileState.NOT_APPLICABLE: "Nothing is left to do: a newer file with its products was taken without error.",
}


def explanation(state: FileState, error_count: int, has_sku_errors: bool) -> str:  # noqa: FBT001 -- read once, below a name
    """What became of a file, in our words."""
    if state != FileState.WITH_ERRORS:
        return _FILE_WORDS[state]
    if has_sku_errors:
        return "Jet took the products without an error and refused those below. Correct them, then resubmit."
    return (
        f"Jet counted {counted(error_count, 'error')} without naming a product, so every product of "
        "the file is a candidate."
    )
