"""Forms of a variable product's SKUs: the grid of children, the options with their amounts, the SKU pattern."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from catalog.actions.children import save_children
from catalog.actions.options import Followed, set_options
from catalog.forms.fields import amount, text, whole
from catalog.identifiers import clean_code
from catalog.models import Product, Variant
from catalog.price_guard import CONFIRMED, Asked, UnconfirmedPrice
from jetsync.exceptions import DomainError
from jetsync.panel.forms import ReadOnlyForm, add_words, put_on_form
from jetsync.panel.seen import SeenForm
from jetsync.tenancy.actor import Actor

# Empty rows below the known values of the options.
SPARE_ROWS = 3
# A page of the grid: with its cells it stays below the number of fields that one request may carry.
GRID_ROWS = 50
CELLS = ("sku", "mfr_part_number", "asin", "upc", "ean", "price", "quantity")
# Characters that a cell shows without being scrolled.
_SIZES = {"sku": 11, "mfr_part_number": 7, "asin": 9, "upc": 10, "ean": 10, "price": 5, "quantity": 3}
_OPTION_SIZE = 7
_LABELS = {"sku": "SKU", "mfr_part_number": "MPN", "asin": "ASIN", "upc": "UPC", "ean": "EAN"}


@dataclass(frozen=True)
class GridRow:
    variant: Variant
    options: list[BoundField]
    cells: list[BoundField]

    @property
    def listing(self) -> Any:
        return getattr(self.variant, "listing", None)

    @property
    def is_known(self) -> bool:
        """Jet has taken it, so it keeps its name and cannot be deleted."""
        return bool(self.listing and self.listing.content_sent_at)


class ChildrenForm(ReadOnlyForm, SeenForm):
    """One row per SKU, one field per cell: `c<pk>_<cell>` and `c<pk>_option<n>` (features VAR-06).

    Only edited cells are written. `unconfirmed`: prices to be confirmed before anything is saved.
    """

    unconfirmed: Asked | None = None

    def __init__(
        self,
        data: Any = None,
        *,
        product: Product,
        variants: Sequence[Variant],
        names: Sequence[str],
        **extra: Any,
    ) -> None:
        self.product, self.variants, self.option_names = product, list(variants), list(names)
        super().__init__(data, **extra)
        for row in self.variants:
            for name, field, value in self._cells(row):
                field.initial, field.disabled = value, field.disabled or self.read_only
                field.widget.attrs |= {"class": "w-auto", "size": _SIZES.get(name, _OPTION_SIZE)}
                self.fields[f"c{row.pk}_{name}"] = field

    def _cells(self, row: Variant) -> list[tuple[str, forms.Field, Any]]:
        known = {str(item.get("name", "")).lower(): str(item.get("value", "")) for item in row.options}
        listing = getattr(row, "listing", None)
        cells: list[tuple[str, forms.Field, Any]] = [
            (f"option{number}", text(f"{name} of {row.sku}"), known.get(name.lower(), ""))
            for number, name in enumerate(self.option_names)
        ]
        values = _values(row)
        for name in CELLS:
            label = f"{_LABELS.get(name, name.capitalize())} of {row.sku}"
            field = amount(label) if name == "price" else whole(label) if name == "quantity" else text(label)
            field.disabled = name == "sku" and bool(listing and listing.content_sent_at)
            cells.append((name, field, values[name]))
        return cells

    def grid_rows(self) -> list[GridRow]:
        return [
            GridRow(
                row,
                [self[f"c{row.pk}_option{number}"] for number in range(len(self.option_names))],
                [self[f"c{row.pk}_{name}"] for name in CELLS],
            )
            for row in self.variants
        ]

    def changes(self) -> dict[int, dict[str, Any]]:
        """Variant pk -> those of its values, under the model's names, that an edited cell makes."""
        return {
            row.pk: {
                name: value
                for name, value in self._row(row).items()
                if self.is_edited([f"c{row.pk}_{cell}" for cell in self._cells_of(name)])
            }
            for row in self.variants
        }

    def _cells_of(self, name: str) -> Sequence[str]:
        if name == "options":
            return [f"option{number}" for number in range(len(self.option_names))]
        return ("upc", "ean") if name == "codes" else (name,)

    def _row(self, row: Variant) -> dict[str, Any]:
        def given(name: str) -> Any:
            return self.cleaned_data[f"c{row.pk}_{name}"]

        before = _values(row)
        codes = [dict(code) for code in row.codes]
        for kind in ("UPC", "EAN"):
            code = clean_code(given(kind.lower()))
            if code != clean_code(before[kind.lower()]):
                codes = [item for item in codes if item.get("type") != kind]
                codes += [{"type": kind, "code": code}] if code else []
        shown = {name.lower() for name in self.option_names}
        options = [
            {"name": name, "value": value.strip()}
            for number, name in enumerate(self.option_names)
            if (value := given(f"option{number}"))
        ]
        options += [dict(item) for item in row.options if str(item.get("name", "")).lower() not in shown]
        return {
            "sku": given("sku").strip(),
            "mfr_part_number": given("mfr_part_number"),
            "asin": given("asin").upper(),
            "codes": codes,
            "price": given("price"),
            "quantity": given("quantity"),
            "options": options,
        }

    def save(self, actor: Actor) -> int | None:
        """How many SKUs were changed; None with the errors on the cells when a rule is broken."""
        if not self.is_valid():
            return None
        try:
            changes = self.changes()
            seen = {row.pk: {name: getattr(row, name) for name in changes[row.pk]} for row in self.variants}
            confirmed = self.data.get(CONFIRMED, "")
            return save_children(self.product, changes, actor=actor, seen=seen, confirmed=confirmed)
        except DomainError as error:
            self._take(error)
            return None

    def _take(self, error: DomainError) -> None:
        self.unconfirmed = error.data.get("asked")
        add_words(self, None, f"{error.message} {error.hint}".strip(), error.code)
        rows = {row.pk: row for row in self.variants}
        for pk, fields in error.data.get("cells", {}).items():
            for name, messages in fields.items():
                cell = (
                    self._code_cell(rows[pk]) if name == "codes" else "option0" if name == "options" else name
                )
                add_words(self, f"c{pk}_{cell}", messages, error.code)

    def _code_cell(self, row: Variant) -> str:
        """The code that was changed, of the two that the grid shows."""
        before = _values(row)
        changed = [kind for kind in ("upc", "ean") if self.cleaned_data[f"c{row.pk}_{kind}"] != before[kind]]
        return changed[0] if changed else "upc"


def _values(row: Variant) -> dict[str, Any]:
    codes = {str(code.get("type")): str(code.get("code", "")) for code in row.codes}
    return {
        "sku": row.sku,
        "mfr_part_number": row.mfr_part_number,
        "asin": row.asin,
        "upc": codes.get("UPC", ""),
        "ean": codes.get("EAN", ""),
        "price": row.price,
        "quantity": row.quantity,
    }


class OptionRow(forms.Form):
    """One value of one option. A row without a value is passed over; an empty name repeats the one above."""

    name = text("Option", max_length=200)
    value = text("Value", max_length=300)
    price = amount("Price +/-")
    weight = amount("Weight +/-")
    quantity = whole("Quantity")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        others = [values.get(name) for name in ("price", "weight", "quantity")]
        if not values.get("value") and any(other is not None for other in others):
            self.add_error("value", "Give the value these amounts belong to.")
        return values


class BaseForm(ReadOnlyForm, forms.Form):
    base_price = amount("Base price", "USD. The price of a SKU is this with the amounts of its values.")
    base_weight_pounds = amount("Base weight", "Pounds.")


class OptionsForm:
    """Base price and weight with one row per value; bound together, saved together."""

    def __init__(self, data: Any = None, *, product: Product, read_only: bool = False) -> None:
        self.product = product
        initial = {"base_price": product.base_price, "base_weight_pounds": product.base_weight_pounds}
        self.base = BaseForm(data, initial=initial, prefix="base", read_only=read_only)
        known = [
            {"name": option["name"], **{name: _given(item.get(name)) for name in ("value", *_AMOUNTS)}}
            for option in product.options
            for item in option.get("values", ())
        ]
        made = forms.formset_factory(OptionRow, extra=0 if read_only else SPARE_ROWS)
        self.rows = made(data, initial=known, prefix="option")
        for form in self.rows.forms if read_only else ():
            for field in form.fields.values():
                field.disabled = True
        self._places: list[tuple[int, int, int]] = []
        self.unconfirmed: Asked | None = None

    @property
    def has_errors(self) -> bool:
        return bool(self.base.errors) or any(self.rows.errors) or bool(self.rows.non_form_errors())

    def options(self) -> list[dict[str, Any]]:
        """The options as the product stores them; notes which row each value came from."""
        found: dict[str, dict[str, Any]] = {}
        name, self._places = "", []
        for row_number, form in enumerate(self.rows.forms):
            values = form.cleaned_data
            name = (values.get("name") or "").strip() or name
            value = (values.get("value") or "").strip()
            if not value:
                continue
            if not name:
                form.add_error("name", "Give the option this value belongs to.")
                continue
            option = found.setdefault(name.lower(), {"name": name, "values": []})
            number = list(found).index(name.lower())
            self._places.append((number, len(option["values"]), row_number))
            option["values"].append(_stored(value, values))
        return list(found.values())

    def save(self, actor: Actor) -> Followed | None:
        """None with the errors on the fields when a rule is broken."""
        if not (self.base.is_valid() and self.rows.is_valid()):
            return None
        options = self.options()
        if self.has_errors:
            return None
        try:
            given = {**self.base.cleaned_data, "confirmed": self.base.data.get(CONFIRMED, "")}
            return set_options(self.product, options, actor=actor, **given)
        except DomainError as error:
            if isinstance(error, UnconfirmedPrice):
                self.unconfirmed = error.asked
            self._take(error)
            return None

    def _take(self, error: DomainError) -> None:
        places = {f"option_{number}_{place}": row for number, place, row in self._places}
        rest: dict[str, list[str]] = {}
        for name, messages in error.fields.items():
            place, _, cell = name.rpartition("_")
            row = places.get(place)
            if row is None:
                rest[name] = messages
                continue
            for message in messages:
                self.rows.forms[row].add_error(cell, message)
        if rest or not error.fields:
            error.fields = rest
            put_on_form(self.base, error)


_AMOUNTS = ("price", "weight", "quantity")


def _given(value: Any) -> Any:
    return "" if value is None else value


def _stored(value: str, values: Mapping[str, Any]) -> dict[str, Any]:
    def plain(number: Decimal | None) -> str:
        return "" if not number else f"{number.normalize():f}"

    return {
        "value": value,
        "price": plain(values.get("price")),
        "weight": plain(values.get("weight")),
        "quantity": values.get("quantity"),
    }


class PatternForm(forms.Form):
    pattern = forms.CharField(
        label="SKU pattern",
        max_length=200,
        help_text="BASE is the first SKU of the product; {Size} and the like are the values, in capitals.",
    )
