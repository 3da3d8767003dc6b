"""ShipStation's published schema of `Orders` as a table, and a small validator over it.

Every element at most once and in any order (xs:all), `Item` and `Option` any number of times. `CurrencyCode` is sent by
ShipStation's own plug-ins without standing in the schema, and so by us; `page` is an attribute they add, too.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from xml.etree.ElementTree import Element

DATE = re.compile(r"^\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}( ?[AaPp][Mm])?$")
UNITS = {
    "Pounds",
    "Ounces",
    "Grams",
    "pound",
    "pounds",
    "lb",
    "lbs",
    "ounce",
    "ounces",
    "oz",
    "gram",
    "grams",
    "gm",
}


def text(limit: int):
    return lambda value: len(value) <= limit


def exactly(length: int):
    return lambda value: len(value) == length


def decimal92(value: str) -> bool:
    number = Decimal(value)
    digits, exponent = number.as_tuple().digits, number.as_tuple().exponent
    return number.is_finite() and len(digits) <= 9 and -int(exponent) <= 2


def number(value: str) -> bool:
    return Decimal(value).is_finite()


def date_time(value: str) -> bool:
    return bool(DATE.match(value))


def boolean(value: str) -> bool:
    return value in {"true", "false", "1", "0"}


@dataclass(frozen=True)
class Kind:
    """`check` for text, `children` for a container. `many`: may stand more than once."""

    required: bool = False
    check: object = None
    children: dict[str, Kind] = field(default_factory=dict)
    many: bool = False


OPTION = Kind(
    many=True,
    children={"Name": Kind(True, text(100)), "Value": Kind(True, text(100)), "Weight": Kind(False, number)},
)
DIMENSIONS = Kind(
    children={
        "DimensionUnits": Kind(False, lambda value: value in {"inches", "in", "centimeters", "cm"}),
        "Length": Kind(False, number),
        "Width": Kind(False, number),
        "Height": Kind(False, number),
    }
)
ITEM = Kind(
    many=True,
    children={
        "LineItemID": Kind(False, text(50)),
        "SKU": Kind(True, text(100)),
        "Name": Kind(True, text(200)),
        "Adjustment": Kind(False, boolean),
        "ImageUrl": Kind(False, lambda value: " " not in value),
        "Weight": Kind(False, number),
        "WeightUnits": Kind(False, lambda value: value in UNITS),
        "Dimensions": DIMENSIONS,
        "Quantity": Kind(True, lambda value: value.isdigit()),
        "UnitPrice": Kind(True, number),
        "Location": Kind(False, text(100)),
        "Options": Kind(children={"Option": OPTION}),
    },
)
BILL_TO = Kind(
    True,
    children={
        "Name": Kind(True, text(100)),
        "Company": Kind(False, text(100)),
        "Phone": Kind(False, text(50)),
        "Email": Kind(False, text(100)),
        **{name: Kind(False, text(200)) for name in ("Address1", "Address2")},
        "City": Kind(False, text(100)),
        "State": Kind(False, text(100)),
        "PostalCode": Kind(False, text(50)),
        "Country": Kind(False, exactly(2)),
    },
)
SHIP_TO = Kind(
    True,
    children={
        "Name": Kind(True, text(100)),
        "Company": Kind(False, text(100)),
        "Address1": Kind(True, text(200)),
        "Address2": Kind(False, text(200)),
        "City": Kind(True, text(100)),
        "State": Kind(False, text(100)),
        "PostalCode": Kind(True, text(50)),
        "Country": Kind(True, exactly(2)),
        "Phone": Kind(False, text(50)),
    },
)
ORDER = Kind(
    many=True,
    children={
        "OrderID": Kind(False, text(50)),
        "OrderNumber": Kind(True, text(50)),
        "OrderDate": Kind(True, date_time),
        "OrderStatus": Kind(True, text(50)),
        "LastModified": Kind(True, date_time),
        "ShippingMethod": Kind(False, text(100)),
        "PaymentMethod": Kind(False, text(50)),
        "OrderTotal": Kind(True, decimal92),
        "TaxAmount": Kind(False, decimal92),
        "ShippingAmount": Kind(False, decimal92),
        "CustomerNotes": Kind(False, text(1000)),
        "InternalNotes": Kind(False, text(1000)),
        "Gift": Kind(False, boolean),
        "GiftMessage": Kind(False, text(1000)),
        **{f"CustomField{number}": Kind(False, text(100)) for number in (1, 2, 3)},
        "RequestedWarehouse": Kind(False, text(100)),
        "Source": Kind(False, text(50)),
        "Customer": Kind(
            True, children={"CustomerCode": Kind(True, text(50)), "BillTo": BILL_TO, "ShipTo": SHIP_TO}
        ),
        "Items": Kind(True, children={"Item": ITEM}),
    },
)
ORDERS = Kind(True, children={"Order": ORDER})


def faults(root: Element) -> list[str]:
    """What the schema has against the document, as paths; empty when it is valid."""
    found = [] if root.tag == "Orders" else [f"root is {root.tag}"]
    if not root.get("pages", "").isdigit():
        found.append("@pages is no number")
    for order in root.findall("Order"):
        for child in order.findall("CurrencyCode"):
            order.remove(child)
    return found + _faults(root, ORDERS, "Orders")


def _faults(element: Element, kind: Kind, path: str) -> list[str]:
    if kind.check is not None:
        value = element.text or ""
        return [] if not len(element) and kind.check(value) else [f"{path}: “{value[:40]}”"]
    found = [f"{path}: text between elements"] if (element.text or "").strip() else []
    counts = Counter(child.tag for child in element)
    for name, inner in kind.children.items():
        if inner.required and not counts[name]:
            found.append(f"{path}/{name} is missing")
        if counts[name] > 1 and not inner.many:
            found.append(f"{path}/{name} stands {counts[name]} times")
    for child in element:
        inner = kind.children.get(child.tag)
        found += (
            [f"{path}/{child.tag} is unknown"]
            if inner is None
            else _faults(child, inner, f"{path}/{child.tag}")
        )
    return found
