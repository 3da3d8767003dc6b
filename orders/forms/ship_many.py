"""The list of parcels: typed or scanned beside chosen orders, pasted, or given as a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField

from catalog.forms.csv import ACCEPTED
from catalog.xlsx import is_workbook
from jetsync.exceptions import InvalidInput
from jetsync.jet.words.shipping import Carrier
from jetsync.wording import counted
from orders.methods import FAMILIES
from orders.models import Order
from orders.parcels import MOST_BYTES, MOST_ROWS, ParcelRow, ParcelTable, read_file, read_text

BY_NUMBER = "By the number"
_USUAL = [str(carrier) for _name, carriers in FAMILIES for carrier in carriers]


@dataclass(frozen=True)
class OrderRow:
    """A chosen order with its inputs, for the template. `items`: what is left of it."""

    order: Order
    items: str
    carrier: BoundField
    tracking: BoundField


def _check_workbook(file: UploadedFile[bytes]) -> None:
    """A text that is called .xlsx would be read as rows of nonsense. Raises InvalidInput."""
    if (file.name or "").lower().endswith((".xlsx", ".xlsm")) and not is_workbook(file):
        raise InvalidInput(
            f"“{file.name}” is called a workbook and is none.",
            hint="Save it again as “Excel workbook (.xlsx)”, or give it the ending .csv if it is text.",
        )
    file.seek(0)


class ShipManyForm(forms.Form):
    rows = forms.CharField(
        label="Paste from a spreadsheet",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "code"}),
        help_text="One row per parcel. Two columns: order id, tracking number. Three: order id, carrier, tracking "
        "number. With headings any order of columns, also SKU, quantity and method.",
    )
    file = forms.FileField(
        label="Or a file",
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=f"CSV or Excel workbook (.xlsx, first sheet), up to {MOST_BYTES // 2**20} MB and {MOST_ROWS:,} rows. "
        "The downloaded list of orders, with its tracking numbers filled in, is one.",
    )
    ship_on = forms.DateField(
        label="Ship date",
        required=False,
        widget=forms.DateInput(),
        help_text="For all of them. Empty: the next day goods leave.",
    )
    shares = forms.BooleanField(label="One parcel may hold several orders", required=False)
    confirms_tracking = forms.BooleanField(
        label="The doubtful tracking numbers are right as they stand", required=False
    )

    class Media:
        js = (forms.Script("js/scan.js", type="module"),)

    def __init__(
        self, data: Any = None, files: Any = None, *, orders: Sequence[tuple[Order, str]] = ()
    ) -> None:
        super().__init__(data, files)
        self.orders = orders
        for order, _items in orders:
            self._add_order(order)

    def _add_order(self, order: Order) -> None:
        asked = [order.request_carrier] if order.request_carrier else []
        words = dict.fromkeys([*asked, *_USUAL, str(Carrier.OTHER)])
        self.fields[f"carrier-{order.pk}"] = forms.ChoiceField(
            label=f"Carrier of order {order}",
            required=False,
            choices=[("", BY_NUMBER), *((word, word) for word in words)],
        )
        self.fields[f"tracking-{order.pk}"] = forms.CharField(
            label=f"Tracking number of order {order}",
            required=False,  # and as long as it likes: its row says what is wrong, the others can still be shipped
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-scan": ""}),
        )

    def order_rows(self) -> list[OrderRow]:
        return [
            OrderRow(order, items, self[f"carrier-{order.pk}"], self[f"tracking-{order.pk}"])
            for order, items in self.orders
        ]

    def table(self) -> ParcelTable:
        """All rows that were given in any way. Raises InvalidInput; call on a form that is valid in itself."""
        data = self.cleaned_data
        tables = [self._typed()]
        if data["rows"].strip():
            tables.append(read_text(data["rows"]))
        if data["file"]:
            _check_workbook(data["file"])
            tables.append(read_file(data["file"], data["file"].size))
        rows = tuple(row for table in tables for row in table.rows)
        if not rows:
            raise InvalidInput(
                "No tracking number is given.", hint="Type or scan one, paste rows, or choose a file."
            )
        if len(rows) > MOST_ROWS:
            raise InvalidInput(f"There are {counted(len(rows), 'row')}.", hint=f"Send at most {MOST_ROWS:,}.")
        return ParcelTable(rows, sum(table.untracked for table in tables))

    def _typed(self) -> ParcelTable:
        rows = []
        for line, (order, _items) in enumerate(self.orders, 1):
            number = self.cleaned_data[f"tracking-{order.pk}"]
            if number:
                carrier = self.cleaned_data[f"carrier-{order.pk}"]
                rows.append(ParcelRow(line, order=str(order), carrier=carrier, tracking=number))
        return ParcelTable(tuple(rows), len(self.orders) - len(rows))
