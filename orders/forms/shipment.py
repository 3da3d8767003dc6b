"""The shipment form: one head, one row per line. The rules are those of `orders.validators`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone

from jetsync.exceptions import InvalidInput
from jetsync.models import Options, ReturnLocation
from jetsync.panel.forms import put_on_form
from jetsync.queries.settings import current_return_locations, get_options
from orders.dates import AFTERNOON, NOON, at_time, is_after_promise
from orders.methods import carrier_choices, family_of, is_method_of, method_choices
from orders.models import Order
from orders.proposal import propose, zone_of
from orders.queries.line import LineCount
from orders.tracking import guess_carrier, tidy, tracking_warning
from orders.validators import LineInput, ShipmentInput

NO_LOCATION = "No, use Jet's setting"
BY_NUMBER = "Guess from the tracking number"


@dataclass(frozen=True)
class LineRow:
    """One line with its inputs, for the template."""

    count: LineCount
    quantity: BoundField
    cancel_quantity: BoundField
    location: BoundField
    rma_number: BoundField
    days_to_return: BoundField

    @property
    def extras(self) -> list[BoundField]:
        return [self.location, self.days_to_return, self.rma_number]

    @property
    def has_extra_errors(self) -> bool:
        return any(field.errors for field in self.extras)


class FamilySelect(forms.Select):
    """Each option carries the carrier it names (static/js/methods.js narrows by it) and Jet's word as its title."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if value:
            option["attrs"] |= {"data-family": family_of(str(value)), "title": str(value)}
        return option


class ShipmentForm(forms.Form):
    carrier = forms.ChoiceField(
        label="Shipping carrier used",
        required=False,
        widget=FamilySelect(attrs={"data-narrows": "id_method"}),
    )
    method = forms.ChoiceField(
        label="Shipping method",
        required=False,
        help_text="One of the carrier's, or not given.",
        widget=FamilySelect(),
    )
    tracking_number = forms.CharField(
        label="Tracking number",
        max_length=100,
        required=False,
        help_text="Type or scan it.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    shipped_at = forms.DateField(label="Ship date", required=False, widget=forms.DateInput())
    expected_delivery_at = forms.DateField(
        label="Expected delivery date", required=False, widget=forms.DateInput()
    )
    pick_up_at = forms.DateField(label="Carrier pick up date", required=False, widget=forms.DateInput())
    ship_from_zip = forms.CharField(
        label="Ship from zip code",
        max_length=5,
        required=False,
        help_text="Five digits.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    confirms_cancel = forms.BooleanField(
        label="Yes, cancel more units than the shopper asked for",
        required=False,
        help_text="Cancelling lowers your performance at Jet; beyond its range Jet closes accounts.",
    )
    confirms_late = forms.BooleanField(label="Yes, ship although it comes after that day", required=False)
    confirms_tracking = forms.BooleanField(
        label="Yes, carrier and tracking number are right as they stand", required=False
    )

    class Media:
        js = (forms.Script("js/methods.js", type="module"), forms.Script("js/tracking.js", type="module"))

    def __init__(self, data: Any = None, *, order: Order, counts: Sequence[LineCount]) -> None:
        self.order, self.counts = order, counts
        self.options: Options = get_options(order.merchant)
        self.zone = zone_of(order)
        self.locations: dict[str, ReturnLocation] = {
            str(location.pk): location for location in current_return_locations(order.merchant)
        }
        super().__init__(data, initial=self._proposals())
        carrier = self.fields["carrier"]
        method = self.fields["method"]
        assert isinstance(carrier, forms.ChoiceField)  # noqa: S101 -- declared above
        assert isinstance(method, forms.ChoiceField)  # noqa: S101 -- declared above
        proposed = str(self.initial["carrier"])
        carrier.choices = [
            ("", BY_NUMBER),
            *carrier_choices(first=(proposed, self.options.default_carrier)),
        ]
        method.choices = [("", "Not given"), *method_choices(first=proposed)]
        for count in counts:
            self._add_line(count)

    def _proposals(self) -> dict[str, Any]:
        proposal = propose(self.order, self.options, timezone.now())
        return {
            "carrier": proposal.carrier,
            "method": proposal.method,
            "shipped_at": proposal.dates.ship,
            "pick_up_at": proposal.dates.pick_up,
            "expected_delivery_at": proposal.dates.expected,
            "ship_from_zip": proposal.zip_code,
        }

    def _add_line(self, count: LineCount) -> None:
        prefix, sku = f"line-{count.line.pk}", count.line.sku
        ship = min(count.shippable, count.remaining - count.cancel_wanted)
        is_locked = count.remaining == 0
        self.fields[f"{prefix}-quantity"] = self._number(f"Ship {sku}", max(0, ship), locked=is_locked)
        self.fields[f"{prefix}-cancel_quantity"] = self._number(
            f"Cancel {sku}", count.cancel_wanted, locked=is_locked
        )
        self.fields[f"{prefix}-location"] = forms.ChoiceField(
            label="Own return address",
            required=False,
            choices=[("", NO_LOCATION), *((key, str(value)) for key, value in self.locations.items())],
        )
        self.fields[f"{prefix}-days_to_return"] = forms.IntegerField(
            label="Days to return",
            required=False,
            min_value=1,
            max_value=365,
            initial=self.options.days_to_return,
        )
        self.fields[f"{prefix}-rma_number"] = forms.CharField(
            label="RMA number", required=False, max_length=60, help_text="Empty: made by jetsync."
        )

    @staticmethod
    def _number(label: str, initial: int, *, locked: bool) -> forms.IntegerField:
        widget = forms.NumberInput(attrs={"inputmode": "numeric", "min": 0})
        return forms.IntegerField(
            label=label, required=False, min_value=0, initial=initial, widget=widget, disabled=locked
        )

    def clean_tracking_number(self) -> str:
        """Without what a scanned label holds around the number."""
        return tidy(self.cleaned_data["tracking_number"])

    def clean(self) -> None:
        """A guessed carrier is shown before it goes to Jet. What is doubtful about the number is asked by the action."""
        number, carrier = self.cleaned_data.get("tracking_number", ""), self.cleaned_data.get("carrier")
        if carrier is None:
            return
        guess = guess_carrier(number)
        if not carrier and guess:
            self._take_guess(str(guess))

    def _take_guess(self, guess: str) -> None:
        """The page comes back with the guess chosen, to be looked at."""
        shown = dict(self.data.items())
        shown["carrier"] = guess
        if not is_method_of(self.cleaned_data.get("method") or "", guess):
            shown["method"] = ""
        self.data = shown
        self.add_error(
            "carrier",
            f"{guess} is guessed from the tracking number. Change it if it is wrong, then submit again.",
        )

    def rows(self) -> list[LineRow]:
        names = ("quantity", "cancel_quantity", "location", "rma_number", "days_to_return")
        return [
            LineRow(count, **{name: self[f"line-{count.line.pk}-{name}"] for name in names})
            for count in self.counts
        ]

    def as_input(self) -> ShipmentInput:
        """What was typed, as the action takes it. Call on a form that is valid in itself."""
        data = self.cleaned_data
        lines = [self._line_input(count) for count in self.counts]
        ships = any(line.quantity for line in lines)
        now = timezone.now()
        return ShipmentInput(
            carrier=data["carrier"],
            method=data["method"],
            tracking_number=data["tracking_number"],
            shipped_at=at_time(data["shipped_at"], NOON, self.zone, not_before=now) if ships else None,
            expected_delivery_at=at_time(data["expected_delivery_at"], AFTERNOON, self.zone)
            if ships
            else None,
            pick_up_at=at_time(data["pick_up_at"], AFTERNOON, self.zone, not_before=now) if ships else None,
            ship_from_zip=data["ship_from_zip"],
            lines=tuple(lines),
            confirms_cancel=data["confirms_cancel"],
            confirms_late=data["confirms_late"],
            confirms_tracking=data["confirms_tracking"],
        )

    def _line_input(self, count: LineCount) -> LineInput:
        def value(name: str) -> Any:
            return self.cleaned_data.get(f"line-{count.line.pk}-{name}")

        location = self.locations.get(value("location") or "")
        return LineInput(
            line_id=count.line.pk,
            quantity=value("quantity") or 0,
            cancel_quantity=value("cancel_quantity") or 0,
            wants_location=location is not None,
            rma_number=value("rma_number") or "",
            days_to_return=value("days_to_return"),
            return_location=address_of(location) if location else None,
        )

    def take_faults(self, refused: InvalidInput) -> None:
        """Puts the action's faults beside their fields; what belongs to no field stands above the form."""
        put_on_form(self, refused)

    @property
    def asks_confirmation(self) -> bool:
        """The tick box is in the way until it is needed."""
        return "confirms_cancel" in self.errors or bool(self.is_bound and self.data.get("confirms_cancel"))

    @property
    def tracking_note(self) -> str:
        """What speaks against the number that was typed, while the form is shown again for another reason."""
        if not self.is_bound or self.asks_tracking:
            return ""
        number, carrier = self.data.get("tracking_number", ""), self.data.get("carrier", "")
        return tracking_warning(str(number), str(carrier))

    @property
    def asks_tracking(self) -> bool:
        """The tick box for a doubtful number."""
        return "confirms_tracking" in self.errors or bool(
            self.is_bound and self.data.get("confirms_tracking")
        )

    @property
    def asks_late(self) -> bool:
        """The expected day, proposed or typed, is after the promise: the tick box is shown."""
        if self.is_bound:
            return "confirms_late" in self.errors or bool(self.data.get("confirms_late"))
        expected = at_time(self.initial["expected_delivery_at"], AFTERNOON, self.zone)
        return is_after_promise(expected, self.order.deliver_by, self.zone)


def address_of(location: ReturnLocation) -> dict[str, str]:
    """Jet's address object."""
    return {
        "address1": location.address1,
        "address2": location.address2,
        "city": location.city,
        "state": location.state,
        "zip_code": location.zip_code,
    }
