"""The carrier of a tracking number: shapes and check digits, and what the shipment form makes of a guess."""

from __future__ import annotations

import pytest

from jetsync.tenancy.context import merchant_scope
from orders.actions.shipment import ship_order
from orders.models import Shipment
from orders.tracking import guess_carrier, is_another_carriers, mistyped_as, tidy, tracking_warning
from tests.orders.pages import page, ship_data, text_of
from tests.orders.rows import line, parcel

UPS = "1Z5R89390357567127"
USPS = "9400111206206406260787"


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        (UPS, "UPS"),
        ("1z 5r8 939 03 5756 7127", "UPS"),
        ("986578788855", "FedEx"),
        ("041441760228964", "FedEx"),
        ("9611020987654312345672", "FedEx"),
        ("1001921334250001000300779017972697", "FedEx"),
        ("61299998820821171811", "FedEx SmartPost"),
        (USPS, "USPS"),
        ("420787459400111206206406260787", "USPS"),
        ("0307 1790 0005 2348 3741", "USPS"),
        ("EA123456785US", "USPS"),
        ("3318810025", "DHL"),
        ("GM2951173225174494", "DHL Global Mail"),
        ("C11031500001879", "OnTrac"),
        ("D10011354453707", "OnTrac"),
        ("LX17635036", "Laser Ship"),
        ("SP029692510000920746", "Spee Dee"),
    ],
)
def test_number_names_its_carrier(number: str, carrier: str) -> None:
    assert guess_carrier(number) == carrier


@pytest.mark.parametrize(
    "number", ["", "612999aa10ba", "996578788855", "0307 1790 0005 2348 3742", "3318810010"]
)
def test_number_without_a_right_check_digit_names_nobody(number: str) -> None:
    assert guess_carrier(number) is None


def test_mistyped_character_of_a_telling_shape_is_noticed() -> None:
    assert mistyped_as("1Z5R89390357567128") == "UPS"
    assert mistyped_as("9400111206206406260788") == "USPS"
    assert mistyped_as("EA123456786US") == "USPS"
    assert mistyped_as("996578788855") is None, "twelve figures may be anybody's"
    assert tracking_warning("1Z5R89390357567128", "UPS") == (
        "1Z5R89390357567128 looks like a number of UPS, but its check digit is wrong: a character may be mistyped."
    )


def test_scanned_label_is_cut_down_to_its_number() -> None:
    assert tidy("420787459400111206206406260787") == USPS
    assert tidy("1001921334250001000300779017972697") == "779017972697"
    assert tidy(" 1z5r89390357567127 ") == UPS
    assert tidy(" Pallet 7 / dock-b ") == "Pallet 7 / dock-b", "of no known shape: as it was typed"


def test_warning_names_both_carriers_and_lets_usps_carry_for_others() -> None:
    assert tracking_warning(UPS, "FedEx") == f"{UPS} looks like a number of UPS, not of FedEx."
    assert is_another_carriers(UPS, "FedEx")
    assert not is_another_carriers(USPS, "UPS Mail Innovations")
    assert not is_another_carriers(UPS, "Other")
    assert not is_another_carriers("986578788855", "UPS"), "plain figures rule nothing out"
    assert tracking_warning("A-77", "UPS") == "A-77 has the shape of no UPS number that jetsync knows."
    assert tracking_warning("A-77", "Estes") == ""


@pytest.mark.django_db
@pytest.mark.feature("SHP-01")
def test_form_shows_a_guess_before_anything_goes_to_jet(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=3), status="acknowledged")
    client, address = client_for("owner"), page(merchant, "order-ship", pk=order.pk)
    typed = {"carrier": "", "method": "FedExGround", "tracking_number": "1Z 5R8 939 03 5756 7127"}

    shown = client.post(address, ship_data(merchant, order, **typed))

    html = shown.content.decode()
    assert shown.status_code == 400
    assert "UPS is guessed from the tracking number." in html
    assert '<option value="UPS" selected' in html
    assert '<option value="FedExGround" selected' not in html, "a method of another carrier is not kept"
    with merchant_scope(merchant):
        assert not Shipment.objects.exists()

    sent = client.post(address, ship_data(merchant, order, **{**typed, "carrier": "UPS", "method": ""}))
    assert sent.status_code == 302
    with merchant_scope(merchant):
        assert (Shipment.objects.get().carrier, Shipment.objects.get().tracking_number) == ("UPS", UPS)


@pytest.mark.django_db
def test_chosen_carrier_is_asked_about_and_never_overruled(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=3), status="acknowledged")
    client, address = client_for("owner"), page(merchant, "order-ship", pk=order.pk)

    asked = client.post(address, ship_data(merchant, order, tracking_number=UPS))
    assert asked.status_code == 400
    assert f"{UPS} looks like a number of UPS, not of FedEx." in asked.content.decode()
    assert '<option value="FedEx" selected' in asked.content.decode()

    done = client.post(address, ship_data(merchant, order, tracking_number=UPS, confirms_tracking="on"))
    assert done.status_code == 302
    with merchant_scope(merchant):
        assert Shipment.objects.get().carrier == "FedEx"


@pytest.mark.django_db
@pytest.mark.feature("SHP-01")
def test_doubtful_number_is_sent_only_when_it_is_confirmed(merchant, order_of, client_for, actor) -> None:
    """A wrong check digit, and a number that stands on another order; a formula is refused whatever is ticked."""
    order, other = order_of(line(quantity=3), status="acknowledged"), order_of(status="acknowledged")
    wrong = "1Z5R89390357567128"
    with merchant_scope(merchant):
        ship_order(other, parcel(other, 1, tracking_number="A1"), actor=actor)
    client, address = client_for("owner"), page(merchant, "order-ship", pk=order.pk)

    for number, said in (
        (wrong, "its check digit is wrong"),
        ("A1", f"A1 is already the number of order {other}."),
    ):
        asked = client.post(
            address, ship_data(merchant, order, carrier="UPS", method="", tracking_number=number)
        )
        assert asked.status_code == 400
        assert said in asked.content.decode()
        assert 'name="confirms_tracking"' in asked.content.decode()
    formula = ship_data(merchant, order, tracking_number="=HYPERLINK(1)", confirms_tracking="on")
    assert "is a formula, not a tracking number." in client.post(address, formula).content.decode()
    with merchant_scope(merchant):
        assert not Shipment.objects.filter(order=order).exists()

    values = {"carrier": "UPS", "method": "", "tracking_number": wrong, "confirms_tracking": "on"}
    assert client.post(address, ship_data(merchant, order, **values)).status_code == 302
    with merchant_scope(merchant):
        assert Shipment.objects.get(order=order).tracking_number == wrong


@pytest.mark.django_db
def test_unknown_shape_is_told_but_taken(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=3), status="acknowledged")
    response = client_for("owner").post(
        page(merchant, "order-ship", pk=order.pk), ship_data(merchant, order), follow=True
    )

    assert "612999aa10ba has the shape of no FedEx number that jetsync knows." in response.content.decode()
    with merchant_scope(merchant):
        assert Shipment.objects.get().tracking_number == "612999aa10ba"


@pytest.mark.django_db
def test_script_of_the_form_asks_the_server(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=3), status="acknowledged")
    client = client_for("analyst")
    html = text_of(client_for("owner"), page(merchant, "order-ship", pk=order.pk))
    assert f'data-tracking="{page(merchant, "order-tracking")}"' in html

    said = client.get(page(merchant, "order-tracking"), {"number": f"420 78745 {USPS}", "carrier": "FedEx"})

    assert said.json() == {
        "number": USPS,
        "carrier": "USPS",
        "note": "USPS, guessed from the tracking number.",
        "warning": f"420 78745 {USPS} looks like a number of USPS, not of FedEx.",
    }
