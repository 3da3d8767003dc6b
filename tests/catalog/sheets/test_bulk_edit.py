"""One value of many SKUs: preview, operation, undo here and at Jet."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from catalog.actions import bulk_edit
from catalog.models import Listing, NodeStock, Variant
from jetsync.actions.operation import undo_operation
from jetsync.enums import OperationState
from jetsync.models import Job, Merchant, Operation, OperationRow, Options
from jetsync.tenancy.actor import Actor
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def open_page(client: Client, shop: Merchant) -> str:
    ids = list(Variant.objects.values_list("pk", flat=True))
    answer = client.post(f"/m/{shop.slug}/catalog/products/", {"bulk": "change", "ids": ids})
    return str(answer.headers["Location"])


def change(client: Client, address: str, what: str, value: str) -> str:
    """First the preview, then the press that acts. Returns the preview."""
    page = client.post(address, {"what": what, "value": value}).content.decode()
    client.post(address, {"what": what, "value": value, "previewed": f"{what}={value}"})
    return page


@pytest.fixture
def shelf(shop: Merchant) -> Merchant:
    for n, price in enumerate([Decimal(10), Decimal("19.99"), None], 1):
        rows.make_variant(shop, sku=f"KET-{n}", price=price, quantity=n)
    Options.objects.update(price_step_percent=1000)
    return shop


def prices() -> list[Decimal | None]:
    return list(Variant.objects.order_by("sku").values_list("price", flat=True))


@pytest.mark.parametrize(
    ("what", "value", "expected"),
    [
        ("price:set", "12.5", ["12.50", "12.50", "12.50"]),
        ("price:add", "-1.50", ["8.50", "18.49", None]),
        ("price:percent", "10", ["11.00", "21.99", None]),
    ],
)
def test_prices_change_after_a_preview(
    shelf: Merchant,
    *,
    client_for: ClientFor,
    drain: Callable[..., int],
    what: str,
    value: str,
    expected: list[str],
) -> None:
    client = client_for("owner")
    before = prices()
    address = open_page(client, shelf)

    page = client.post(address, {"what": what, "value": value}).content.decode()
    assert prices() == before
    assert Operation.objects.count() == 0
    changes = sum(text is not None for text in expected)
    assert f"Change {changes} SKUs" in page
    client.post(address, {"what": what, "value": value, "previewed": f"{what}={value}"})
    drain()

    assert prices() == [Decimal(text) if text else None for text in expected]
    operation = Operation.objects.get()
    assert (operation.done, operation.failed) == (changes, 3 - changes)
    if changes < 3:
        assert OperationRow.objects.get(label="KET-3").message == "It has no price to start from."


@pytest.mark.parametrize(
    ("what", "value", "message"),
    [
        ("price:set", "abc", "is not a number"),
        ("price:percent", "-100", "Type a percentage above -100"),
        ("price:add", "", "This field is required."),
        ("quantity:set", "1.5", "is not a whole number"),
        ("sells_on_jet:set", "perhaps", "is neither yes nor no"),
        ("store_category:set", "Nowhere", "There is no store category"),
    ],
)
def test_a_value_that_no_sku_could_take_is_refused(
    shelf: Merchant, client_for: ClientFor, what: str, value: str, message: str
) -> None:
    client = client_for("owner")
    answer = client.post(open_page(client, shelf), {"what": what, "value": value})

    assert answer.status_code == 400
    assert message in answer.content.decode()
    assert Operation.objects.count() == 0


def test_a_value_changed_after_the_preview_is_previewed_again(shelf: Merchant, client_for: ClientFor) -> None:
    client = client_for("owner")
    answer = client.post(
        open_page(client, shelf), {"what": "price:set", "value": "13", "previewed": "price:set=12"}
    )

    assert "Change 3 SKUs" in answer.content.decode()
    assert Operation.objects.count() == 0


def test_undo_brings_the_values_back_here_and_at_jet(
    shelf: Merchant, client_for: ClientFor, actor: Actor, drain: Callable[..., int]
) -> None:
    first = Variant.objects.select_related("listing").get(sku="KET-1")
    rows.mark_listed(first)
    first.listing.refresh_from_db()
    client = client_for("owner")
    change(client, open_page(client, shelf), "price:set", "12")
    drain()
    Variant.objects.filter(sku="KET-2").update(price=Decimal(30))
    Listing.objects.filter(variant=first).update(price_sent=Decimal(12))  # Jet has accepted the change

    undo_operation(Operation.objects.get(), actor=actor)
    drain()

    assert prices() == [Decimal("10.00"), Decimal("30.00"), None]
    undoing = Operation.objects.get(kind="catalog.edit_undo")
    assert (undoing.done, undoing.skipped, undoing.state) == (2, 1, OperationState.DONE)
    first.listing.refresh_from_db()
    assert first.listing.price_target == Decimal("10.00")
    assert first.listing.price_dirty
    assert Job.objects.filter(kind="catalog.push_prices", state="queued").exists()


def test_quantity_brand_and_sells_on_jet_of_many(
    shelf: Merchant, client_for: ClientFor, drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_edit, "BATCH", 2)
    client = client_for("owner")
    for what, value in [("quantity:set", "9"), ("brand:set", "Ostley"), ("sells_on_jet:set", "no")]:
        change(client, open_page(client, shelf), what, value)
        drain()

    found = Variant.objects.order_by("sku").values_list("quantity", "product__brand", "sells_on_jet")
    assert list(found) == [(9, "Ostley", False)] * 3
    assert set(NodeStock.objects.values_list("quantity_target", flat=True)) == {0}


def test_prices_that_step_too_far_are_kept_until_they_are_confirmed(
    shelf: Merchant, client_for: ClientFor, drain: Callable[..., int]
) -> None:
    client = client_for("owner")
    Options.objects.update(price_step_percent=20)

    page = change(client, open_page(client, shelf), "price:percent", "-95")
    drain()

    assert "Yes, these 2 prices are right" in page
    assert prices() == [Decimal("10.00"), Decimal("19.99"), None]
    first = OperationRow.objects.order_by("pk")[0]
    assert (first.state, first.code) == ("failed", "price_step")
    assert first.message == "Price 10.00 → 0.50: -95.0%, over the 20% of your price settings."

    ticked = {
        "what": "price:percent",
        "value": "-95",
        "previewed": "price:percent=-95",
        "confirmed_prices": "x",
    }
    client.post(open_page(client, shelf), ticked)
    drain()
    assert prices() == [Decimal("0.50"), Decimal("1.00"), None]


def test_running_it_twice_changes_nothing_more(
    shelf: Merchant, actor: Actor, drain: Callable[..., int]
) -> None:
    ids = list(Variant.objects.values_list("pk", flat=True))
    step = bulk_edit.BulkChange("price", bulk_edit.ADD, "1")
    operation = bulk_edit.start_bulk_edit(shelf, ids, step, title="Raise", actor=actor)
    drain()

    bulk_edit.run_edit(Operation.objects.get(pk=operation.pk))

    assert prices() == [Decimal("11.00"), Decimal("20.99"), None]
