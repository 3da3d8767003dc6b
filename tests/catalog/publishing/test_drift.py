"""What Jet shows against what it accepted: noted with every look, sent again or taken over, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.actions import drift_writing, publish
from catalog.actions.drift import send_ours, take_theirs
from catalog.actions.drift_writing import write_batch
from catalog.actions.product import update_variant
from catalog.actions.stock_drift import note_stock_drift
from catalog.actions.targets import refresh_targets
from catalog.drift import drifted_members
from catalog.models import Listing, NodeStock, Product, Variant
from catalog.price_guard import ANY
from catalog.queries.drift import drift_count, drifts_of
from jetsync.actions.operation import undo_operation
from jetsync.enums import RowState
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Job, LogEntry, Operation, OperationRow, Options
from jetsync.sync.client import client_for as jet_client_for
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.publishing.steps import calls, listing_of, make_drift

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("sent", "live", "members"),
    [
        ({"brand": "Harrow"}, {"brand": "Harrow"}, []),
        ({"brand": "Harrow"}, {"brand": "Finch"}, ["brand"]),
        ({"brand": "Harrow"}, {}, []),
        ({"brand": "Harrow"}, {"brand": None}, []),
        ({"msrp": 38.5}, {"msrp": Decimal("38.50")}, []),
        ({"product_title": "A  kettle "}, {"product_title": "A kettle"}, []),
        ({"ASIN": "B000000001"}, {"asin": "B000000002"}, ["ASIN"]),
        ({"bullets": ["a", "b"]}, {"bullets": ["b", "a"]}, ["bullets"]),
        ({"price": 1}, {"price": 2}, []),
        (
            {"attributes_node_specific": [{"attribute_id": 1, "attribute_value": "x"}, {"attribute_id": 2}]},
            {"attributes_node_specific": [{"attribute_id": 2}, {"attribute_id": 1, "attribute_value": "x"}]},
            [],
        ),
        (
            {"alternate_images": [{"image_slot_id": 1, "image_url": "https://a"}]},
            {"alternate_images": [{"image_slot_id": 1, "image_url": "https://b"}]},
            ["alternate_images"],
        ),
        (None, {"brand": "x"}, []),
        ({"brand": "x"}, None, []),
    ],
)
def test_members_are_compared_as_jet_keeps_them(sent: Any, live: Any, members: list[str]) -> None:
    assert drifted_members(sent, live) == members


@pytest.fixture
def rival_at_lock(monkeypatch):
    """`rival_at_lock(act)`: act runs where the job waits for its locks, once."""

    def arm(act: Callable[[], Any]) -> None:
        real = drift_writing.lock_variants

        def waits(*args: Any) -> None:
            monkeypatch.setattr(drift_writing, "lock_variants", real)
            act()
            real(*args)

        monkeypatch.setattr(drift_writing, "lock_variants", waits)

    return arm


@pytest.fixture
def shown_otherwise(shop, sandbox, kettle, drain):
    """A kettle whose price, quantity and brand somebody changed at Jet itself."""
    variant = kettle("HF-1")
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    jet = jet_client_for(sandbox.account)
    body = {**listing_of(variant).content_sent_body, "brand": "Finch"}
    jet.products.put("HF-1", body)
    jet.products.set_price("HF-1", Decimal("41.00"))
    jet.products.set_inventory("HF-1", {sandbox.node_id: 7})
    publish.read_status(shop, [variant.pk], actor=SYSTEM)
    drain()
    sandbox.control.clear_requests()
    return variant


def test_a_look_notes_what_differs_and_since_when(shop, shown_otherwise, drain):
    listing = listing_of(shown_otherwise)
    assert (listing.price_drift, listing.content_drift) == (True, ["brand"])
    since = listing.drift_since
    assert since is not None
    assert drift_count(shop) == 1
    found = {(row.facet, row.ours, row.theirs) for row in drifts_of(shop, [listing.pk])[listing.pk]}
    assert found == {
        ("price", "$38.50", "$41.00"),
        ("content", "Harrow & Finch", "Finch"),
        ("quantity", "12", "7"),
    }

    publish.read_status(shop, [shown_otherwise.pk], actor=SYSTEM)
    drain()
    assert listing_of(shown_otherwise).drift_since == since


def test_send_ours_repeats_only_what_differs(shop, sandbox, shown_otherwise, drain):
    listing = listing_of(shown_otherwise)
    operation = send_ours(shop, [listing.pk], actor=SYSTEM)
    drain()
    operation.refresh_from_db()
    assert (operation.done, operation.failed) == (1, 0)
    parts = sorted(
        row["path"].rsplit("HF-1", 1)[1]
        for row in sandbox.control.requests()
        if row["method"] in {"PUT", "PATCH"}
    )
    assert parts == ["", "/inventory", "/price"]
    publish.read_status(shop, [shown_otherwise.pk], actor=SYSTEM)
    drain()
    listing = listing_of(shown_otherwise)
    assert (drift_count(shop), listing.content_drift, listing.drift_since) == (0, [], None)
    shown = jet_client_for(sandbox.account).products.get("HF-1")
    assert (shown.price, shown.brand) == (Decimal("38.50"), "Harrow & Finch")
    with pytest.raises(InvalidInput, match="Nothing differs"):
        send_ours(shop, [listing.pk], actor=SYSTEM)


def test_take_theirs_writes_the_store_and_sends_nothing(shop, sandbox, shown_otherwise, drain):
    listing = listing_of(shown_otherwise)
    operation = take_theirs(shop, [listing.pk], actor=SYSTEM)
    drain()
    operation.refresh_from_db()
    assert (operation.state, operation.done) == ("done", 1)
    variant = Variant.objects.get(pk=shown_otherwise.pk)
    assert (variant.price, variant.quantity) == (Decimal("41.00"), 7)
    assert Product.objects.get(pk=variant.product_id).brand == "Finch"
    assert calls(sandbox, "PUT", "merchant-skus") == []
    assert calls(sandbox, "PATCH", "merchant-skus") == []
    listing = listing_of(variant)
    assert (listing.price_dirty, listing.content_dirty, drift_count(shop)) == (False, False, 0)
    assert NodeStock.objects.get(variant=variant).quantity_dirty is False
    entry = LogEntry.objects.get(action="catalog.drift_theirs.written")
    assert entry.old == {"variant.price": "38.50", "variant.quantity": 12, "product.brand": "Harrow & Finch"}

    undo = undo_operation(operation, actor=SYSTEM)
    drain()
    undo.refresh_from_db()
    assert undo.state == "done"
    variant.refresh_from_db()
    assert (variant.price, variant.quantity) == (Decimal("38.50"), 12)
    shown = jet_client_for(sandbox.account).products.get("HF-1")
    assert (shown.price, [row.quantity for row in shown.inventory_by_fulfillment_node]) == (
        Decimal("38.50"),
        [12],
    )


def listed_family(shop, *skus: str) -> list[Variant]:
    product = rows.make_product(shop, kind="variable", brand="Harrow & Finch")
    made = [rows.make_variant(shop, product, sku=sku) for sku in skus]
    for variant in made:
        make_drift(variant, "38.50")
    return made


def show_brand(variant: Variant, brand: str) -> None:
    Listing.objects.filter(variant=variant).update(
        content_sent_body={"brand": "Harrow & Finch"}, live_body={"brand": brand}, content_drift=["brand"]
    )


def test_taking_theirs_of_one_sku_recomputes_its_family(shop):
    chosen, sibling = listed_family(shop, "HF-S", "HF-M")
    show_brand(chosen, "Finch")
    before = listing_of(sibling).content_target

    write_batch(take_theirs(shop, [listing_of(chosen).pk], actor=SYSTEM))

    assert Product.objects.get().brand == "Finch"
    after = listing_of(sibling)
    assert after.content_target != before
    assert after.content_dirty


def test_two_skus_of_a_product_cannot_both_give_its_brand(shop):
    chosen, sibling = listed_family(shop, "HF-S", "HF-M")
    show_brand(chosen, "Finch")
    show_brand(sibling, "Larkmoor")
    operation = take_theirs(shop, [listing_of(row).pk for row in (chosen, sibling)], actor=SYSTEM)

    write_batch(operation)

    assert Product.objects.get().brand == "Finch"
    found = {row.label: (row.state, row.before) for row in OperationRow.objects.filter(operation=operation)}
    assert found == {
        "HF-S": (RowState.DONE, {"product.brand": "Harrow & Finch"}),
        "HF-M": (RowState.FAILED, {}),
    }
    left = OperationRow.objects.get(operation=operation, label="HF-M")
    assert left.message == (
        "Brand is one for all SKUs of the product, and SKU HF-S took another; it was left."
    )


@pytest.mark.parametrize(
    ("member", "live", "message"),
    [
        ("map_implementation", "102", "MAP price is missing; MAP implementation 102 needs one."),
        (
            "attributes_node_specific",
            [{"attribute_id": rows.COLOR, "attribute_value": "x" * 101}],
            "Attribute value has 101 characters, at most 100 are allowed.",
        ),
    ],
)
def test_what_breaks_a_rule_is_left_and_not_stored(shop, member: str, live: Any, message: str):
    [variant] = listed_family(shop, "HF-1")
    Listing.objects.filter(variant=variant).update(
        content_sent_body={member: "101"}, live_body={member: live}, content_drift=[member]
    )
    before = Variant.objects.filter(pk=variant.pk).values().get()
    operation = take_theirs(shop, [listing_of(variant).pk], actor=SYSTEM)

    write_batch(operation)

    row = OperationRow.objects.get(operation=operation)
    assert (row.state, row.message, row.before) == (RowState.FAILED, message, {})
    assert Variant.objects.filter(pk=variant.pk).values().get() == before


def test_taking_theirs_reads_what_a_rival_wrote_before_its_lock(shop, kettle, rival_at_lock):
    """Four of twelve pieces ship while the job waits for the lock: its undo must not bring them back."""
    variant = kettle("HF-1")
    make_drift(variant)
    NodeStock.objects.filter(variant=variant).update(quantity_live=7, quantity_live_at=timezone.now())
    note_stock_drift(shop, [variant.pk])
    operation = take_theirs(shop, [listing_of(variant).pk], actor=SYSTEM)
    rival_at_lock(lambda: Variant.objects.filter(pk=variant.pk).update(quantity=8))

    write_batch(operation)

    row = OperationRow.objects.get(operation=operation)
    assert (row.before["variant.quantity"], Variant.objects.get(pk=variant.pk).quantity) == (8, 7)


def test_the_way_back_leaves_what_a_rival_wrote_before_its_lock(shop, kettle, drain, rival_at_lock):
    variant = kettle("HF-1")
    make_drift(variant, "41.00")
    operation = take_theirs(shop, [listing_of(variant).pk], actor=SYSTEM)
    write_batch(operation)
    operation.refresh_from_db()
    undo = undo_operation(operation, actor=SYSTEM)
    rival_at_lock(lambda: Variant.objects.filter(pk=variant.pk).update(price=Decimal("50.00")))

    write_batch(undo)

    assert Variant.objects.get(pk=variant.pk).price == Decimal("50.00")
    assert (
        "Price was changed since, to 50.00; it was left." in OperationRow.objects.get(operation=undo).message
    )


def test_ours_has_no_undo_and_the_store_keeps_its_values(
    shop, sandbox, shown_otherwise, drain, client_for: Callable[..., Client]
):
    client, before = client_for("owner"), Variant.objects.filter(pk=shown_otherwise.pk).values()[0]
    operation = send_ours(shop, [listing_of(shown_otherwise).pk], actor=SYSTEM)
    drain()
    operation.refresh_from_db()

    with pytest.raises(StateConflict) as refused:
        undo_operation(operation, actor=SYSTEM)
    base = f"/m/{shop.slug}/operations/{operation.pk}/"
    page, asked = client.get(base).content.decode(), client.post(f"{base}undo/")
    drain()

    assert "was never a value of your store" in str(refused.value.hint)
    assert "There is no undo. Your values were sent and stay" in page
    assert "Undo…" not in page
    assert asked.status_code == 409
    assert not Operation.objects.filter(title__startswith="Undo").exists()
    assert Variant.objects.filter(pk=shown_otherwise.pk).values()[0] == before
    assert jet_client_for(sandbox.account).products.get("HF-1").price == Decimal("38.50")


def test_the_time_line_keeps_what_jet_showed_before_ours_were_sent(shop, shown_otherwise):
    send_ours(shop, [listing_of(shown_otherwise).pk], actor=SYSTEM)

    entry = LogEntry.objects.get(action="catalog.drift_ours.sent")

    assert (entry.object_id, entry.actor_label) == (shown_otherwise.pk, SYSTEM.label)
    assert sorted(entry.old.values()) == ["$41.00", "7", "Finch"]
    assert sorted(entry.new.values()) == ["$38.50", "12", "Harrow & Finch"]


def test_undo_leaves_and_names_what_was_changed_since(shop, shown_otherwise, drain):
    operation = take_theirs(shop, [listing_of(shown_otherwise).pk], actor=SYSTEM)
    drain()
    operation.refresh_from_db()
    update_variant(
        Variant.objects.get(pk=shown_otherwise.pk), {"price": Decimal("50.00")}, actor=SYSTEM, confirmed=ANY
    )
    undo = undo_operation(operation, actor=SYSTEM)
    drain()
    row = OperationRow.objects.get(operation=undo)
    assert "Price was changed since, to 50.00; it was left." in row.message
    variant = Variant.objects.get(pk=shown_otherwise.pk)
    assert (variant.price, variant.quantity) == (Decimal("50.00"), 12)


def test_a_value_that_is_on_its_way_is_no_drift(shop, kettle):
    variant = kettle("HF-1")
    make_drift(variant)
    assert drift_count(shop) == 1
    Listing.objects.filter(variant=variant).update(price_target=Decimal("40.00"))
    assert drift_count(shop) == 0


def ruled(variant: Variant, rule: str, amount: str, live: str) -> Listing:
    """Jet shows another price of a SKU that goes there by a price rule."""
    Options.objects.update(price_rule=rule, price_rule_amount=Decimal(amount))
    refresh_targets(variant.merchant, [variant.pk])
    return make_drift(variant, live)


@pytest.mark.parametrize(
    ("rule", "live", "stored"),
    [
        (("increase_percent", "5"), "41.99", "39.99"),
        (("decrease_percent", "10"), "33.33", "37.03"),
        (("increase_fixed", "2.50"), "39.00", "36.50"),
    ],
)
def test_theirs_is_solved_back_through_the_price_rule_and_nothing_is_sent(
    shop, kettle, rule: tuple[str, str], live: str, stored: str
):
    variant = kettle("HF-1")
    listing = ruled(variant, *rule, live)
    Job.objects.all().delete()
    operation = take_theirs(shop, [listing.pk], actor=SYSTEM)

    write_batch(operation)

    row = OperationRow.objects.get(operation=operation)
    assert (row.state, row.message) == (RowState.DONE, "Written: price.")
    assert Variant.objects.get().price == Decimal(stored)
    listing = listing_of(variant)
    assert (listing.price_target, listing.price_dirty) == (Decimal(live), False)
    assert not Job.objects.filter(kind="catalog.push_prices").exists()
    assert drift_count(shop) == 0


def test_a_price_that_no_store_price_makes_is_left_with_the_reason(shop, kettle, client_for):
    variant = kettle("HF-1")
    listing = ruled(variant, "increase_percent", "50", "60.01")
    client = client_for("owner")
    page = client.get(theirs_page(shop, client, listing)).content.decode()
    reason = "No price of the store, increased by 50%, makes exactly 60.01 USD."
    assert reason in page
    operation = take_theirs(shop, [listing.pk], actor=SYSTEM)

    write_batch(operation)

    row = OperationRow.objects.get(operation=operation)
    assert (row.state, row.message) == (RowState.FAILED, f"{reason} The price was left.")
    assert Variant.objects.get().price == Decimal("38.50")


def test_a_large_step_of_theirs_is_left_until_it_is_confirmed(shop, kettle, client_for, drain):
    variant = kettle("HF-1")
    listing = make_drift(variant, "99.00")
    client = client_for("owner")
    url = theirs_page(shop, client, listing)
    assert 'name="confirmed_prices"' in client.get(url).content.decode()

    client.post(url)
    drain()
    left = OperationRow.objects.get()
    client.post(url, {"confirmed_prices": "1"})
    drain()

    assert left.state == RowState.FAILED
    assert left.message == (
        "Price 38.50 → 99.00: +157.1%, over the 20% of your price settings. It was not confirmed and was left."
    )
    assert Variant.objects.get().price == Decimal("99.00")


def test_page_names_what_is_archived_and_opened_with_theirs(shop, kettle, client_for):
    gone, back = make_drift(kettle("HF-1")), make_drift(kettle("HF-2"))
    Listing.objects.filter(pk=gone.pk).update(archived_sent=False, archived_live=True)
    Listing.objects.filter(pk=back.pk).update(archived_target=True, archived_sent=True, archived_live=False)
    client = client_for("owner")

    one = client.get(theirs_page(shop, client, gone)).content.decode()
    other = client.get(theirs_page(shop, client, back)).content.decode()

    assert "1 SKU becomes archived here too: HF-1." in one
    assert "is open here again" not in one
    assert "1 SKU is open here again: HF-2." in other


def theirs_page(shop, client: Client, listing: Listing) -> str:
    """The page that asks before Jet's values are taken."""
    body = {"bulk": "theirs", "ids": [listing.pk]}
    return str(client.post(f"/m/{shop.slug}/catalog/drift/", body).headers["Location"])


def test_pages_show_drift_and_both_ways_out(shop, kettle, client_for: Callable[..., Client], drain):
    variant = kettle("HF-1")
    kettle("HF-2")
    make_drift(variant, "44.00")
    client = client_for("owner")
    base = f"/m/{shop.slug}/catalog"
    page = client.get(f"{base}/drift/").content.decode()
    assert "HF-1" in page
    assert "HF-2" not in page
    assert "$38.50" in page
    assert "$44.00" in page
    assert "HF-1" not in client.get(f"{base}/drift/?facet=archived").content.decode()
    grid = client.get(f"{base}/products/?drift=price").content.decode()
    whole = client.get(f"{base}/products/").content.decode()
    for hint in ("As Jet should have it", "As Jet accepted it last", "As Jet showed it when it was read"):
        assert (grid.count(f'title="{hint}"'), whole.count(f'title="{hint}"')) == (2, 0)
    assert "$44.00" in grid
    assert "$44.00" not in whole
    assert ("HF-1" in grid, "HF-2" in grid) == (True, False)
    assert "Differ at Jet" in client.get(f"/m/{shop.slug}/").content.decode()

    for action, word in (("ours", "Send our values of 1 SKU"), ("theirs", "Take Jet&#x27;s values of 1 SKU")):
        response = client.post(f"{base}/drift/", {"bulk": action, "ids": [listing_of(variant).pk]})
        assert word in client.get(response.url).content.decode()
    assert client.post(response.url).status_code == 302
    drain()
    assert Operation.objects.get().kind == "catalog.drift_theirs"
    assert "No drift" in client.get(f"{base}/drift/").content.decode()


@pytest.mark.parametrize("role", ["analyst", "fulfilment"])
def test_who_may_only_look_gets_no_way_out(shop, kettle, client_for: Callable[..., Client], role: str):
    make_drift(kettle("HF-1"))
    client = client_for(role)
    base = f"/m/{shop.slug}/catalog"
    assert client.get(f"{base}/drift/").status_code == 200
    response = client.post(f"{base}/drift/", {"bulk": "ours", "ids": [Listing.objects.get().pk]})
    assert response.status_code == 403


def test_the_page_says_by_how_much_prices_differ_and_orders_by_it(
    shop, kettle, client_for: Callable[..., Client]
):
    for sku, theirs in (("HF-1", "39.00"), ("HF-2", "30.00"), ("HF-3", "44.00")):
        make_drift(kettle(sku), theirs)
    client, base = client_for("owner"), f"/m/{shop.slug}/catalog/drift/"

    page = client.get(f"{base}?sort=-money")
    html = page.content.decode()

    assert [row.label for row in page.context["list"].rows] == ["HF-2", "HF-3", "HF-1"]
    assert ("-22.1%" in html, "+14.3%" in html, "$8.50" in html) == (True, True, True)


def test_the_page_of_taking_theirs_shows_what_becomes_of_the_quantities(
    shop, kettle, client_for: Callable[..., Client]
):
    variant = kettle("HF-1", quantity=12)
    Options.objects.update(buffer_quantity=2)
    refresh_targets(shop, [variant.pk])
    make_drift(variant, "38.50")
    Listing.objects.update(price_live=None)
    NodeStock.objects.filter(variant=variant).update(quantity_live=7, quantity_live_at=timezone.now())
    note_stock_drift(shop, [variant.pk])
    client = client_for("owner")
    asked = client.post(f"/m/{shop.slug}/catalog/drift/", {"bulk": "theirs", "ids": [listing_of(variant).pk]})

    page = client.get(asked.url)

    [row] = page.context["quantities"]
    assert (row.sku, row.theirs, row.now, row.then) == ("HF-1", 7, 12, 9)
    assert "What becomes of the quantities" in page.content.decode()
