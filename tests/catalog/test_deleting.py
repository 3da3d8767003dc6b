"""Deleting SKUs: what goes, what stays and why, on pages and over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.actions import deleting
from catalog.actions.deleting import delete_all, delete_many
from catalog.actions.sending import listing_row
from catalog.actions.stock import reserve
from catalog.enums import ListingStatus, VacationState
from catalog.models import CsvUpload, Listing, Product, Vacation, Variant
from catalog.pages import page_url
from catalog.queries.deleting import deletion_of
from jetsync.actions.operation import can_undo, start_operation
from jetsync.enums import RowState
from jetsync.exceptions import StateConflict
from jetsync.models import JetAccount, LogEntry, Merchant, Operation, OperationRow
from jetsync.tenancy.actor import Actor
from orders.models import OrderLine
from tests.catalog import rows
from tests.catalog.csv.test_products import GOOD
from tests.orders import rows as order_rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def skus() -> list[str]:
    return sorted(Variant.objects.values_list("sku", flat=True))


def archived(variant: Variant) -> Variant:
    """As after Jet took our archiving."""
    rows.mark_listed(variant)
    Listing.objects.filter(variant=variant).update(
        archived_target=True, archived_sent=True, status=ListingStatus.ARCHIVED, jet_status="Archived"
    )
    return variant


def outcomes(operation: Operation) -> dict[str, tuple[str, str]]:
    found = OperationRow.objects.filter(operation=operation).values_list("label", "state", "code")
    return {label: (state, code) for label, state, code in found}


def test_what_jet_never_accepted_and_what_is_archived_there_goes_and_the_rest_stays_with_the_reason(
    shop: Merchant, actor: Actor
) -> None:
    fresh, open_there = rows.make_variant(shop, sku="NEW"), rows.make_variant(shop, sku="OPEN")
    gone, promised = archived(rows.make_variant(shop, sku="OLD")), rows.make_variant(shop, sku="SOLD")
    sending, away = rows.make_variant(shop, sku="SENDING"), archived(rows.make_variant(shop, sku="AWAY"))
    rows.mark_listed(open_there)
    reserve(shop, promised, node=None, quantity=1, key="order-9:line-1")
    start_operation(
        shop, "catalog.upload", "Upload 1 product", actor=actor, rows=[listing_row(sending.listing)]
    )
    Vacation.objects.create(
        merchant=shop, state=VacationState.ON, starts_at=fresh.created_at, listing_ids=[away.listing.pk]
    )
    every = [fresh, open_there, gone, promised, sending, away]
    counted = deletion_of(shop, [row.pk for row in every])

    operation = delete_many(shop, [row.pk for row in every], actor=actor)

    assert (counted.skus, counted.products, counted.archived, counted.kept.total()) == (2, 2, 1, 4)
    assert outcomes(operation) == {
        "NEW": ("done", ""),
        "OPEN": ("skipped", "listed"),
        "OLD": ("done", ""),
        "SOLD": ("skipped", "orders"),
        "SENDING": ("skipped", "sending"),
        "AWAY": ("skipped", "vacation"),
    }
    assert skus() == ["AWAY", "OPEN", "SENDING", "SOLD"]
    assert Product.objects.count() == 4
    assert can_undo(operation) is False
    entry = LogEntry.objects.get(action="catalog.variant.deleted")
    assert (entry.old["skus"], entry.actor_label) == (["NEW", "OLD"], actor.label)


def test_a_product_goes_with_its_last_sku_only(shop: Merchant, actor: Actor) -> None:
    product = rows.make_product(shop, kind="variable")
    first, second = (rows.make_variant(shop, product, sku=sku) for sku in ("A", "B"))

    delete_all(shop, [first.pk], actor=actor)
    assert (skus(), Product.objects.count()) == (["B"], 1)
    delete_all(shop, [second.pk], actor=actor)

    assert (skus(), Product.objects.count()) == ([], 0)


def test_all_or_nothing_names_the_first_that_stays(shop: Merchant, actor: Actor) -> None:
    product = rows.make_product(shop, kind="variable")
    first, second = (rows.make_variant(shop, product, sku=sku) for sku in ("A", "B"))
    rows.mark_listed(second)

    with pytest.raises(StateConflict, match="SKU B stays: Jet has it") as refused:
        delete_all(shop, [first.pk, second.pk], actor=actor)

    assert (refused.value.code, refused.value.hint) == ("stays_listed", "Archive it, then delete it.")
    assert skus() == ["A", "B"]
    assert not LogEntry.objects.filter(action="catalog.variant.deleted").exists()


def test_order_lines_keep_sku_and_title(shop: Merchant, actor: Actor) -> None:
    kettle = archived(rows.make_variant(shop, sku="KETTLE-1"))
    order = order_rows.make_order(shop, JetAccount.objects.get(), order_rows.line("KETTLE-1"))
    line = OrderLine.objects.get(order=order)
    OrderLine.objects.filter(pk=line.pk).update(variant=kettle)
    kettle.reservations.all().delete()

    delete_all(shop, [kettle.pk], actor=actor)

    line.refresh_from_db()
    assert (line.sku, line.title, line.variant) == ("KETTLE-1", "Stovetop kettle KETTLE-1", None)


def test_many_are_deleted_by_a_job_batch_by_batch_and_twice_does_no_harm(
    shop: Merchant, actor: Actor, drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deleting, "AT_ONCE", 1)
    monkeypatch.setattr(deleting, "BATCH", 2)
    made = [rows.make_variant(shop, sku=f"K-{number}") for number in range(5)]
    rows.mark_listed(made[4])

    operation = delete_many(shop, [row.pk for row in made], actor=actor)
    assert len(skus()) == 5
    drain()
    deleting.run_delete(operation)

    operation.refresh_from_db()
    assert (skus(), operation.done, operation.skipped) == (["K-4"], 4, 1)
    assert not OperationRow.objects.filter(operation=operation, state=RowState.WAITING).exists()


def test_ticked_skus_are_deleted_behind_a_page_that_says_what_goes_and_what_stays(
    shop: Merchant, client_for: ClientFor
) -> None:
    fresh, listed = rows.make_variant(shop, sku="NEW"), rows.make_variant(shop, sku="OPEN")
    rows.mark_listed(listed)
    client = client_for("manager")

    asked = client.post(page_url(shop, "product-list"), {"bulk": "delete", "ids": [fresh.pk, listed.pk]})
    page = client.get(asked["Location"]).content.decode()
    done = client.post(asked["Location"], follow=True).content.decode()

    assert "1 SKU goes, with prices, stock, codes, images and exceptions." in page
    assert "1 product with them" in page
    assert "OPEN stays: Jet has it, and it is not archived there. Archive it, then delete it." in page
    assert "This cannot be undone." in page
    assert "1 SKU deleted, 1 SKU left: see why below." in done
    assert skus() == ["OPEN"]
    refused = client_for("fulfilment").post(asked["Location"])
    assert refused.status_code == 403


def test_a_product_is_deleted_from_its_page_or_says_why_not(shop: Merchant, client_for: ClientFor) -> None:
    kettle, pan = rows.make_variant(shop, sku="HF-1"), rows.make_variant(shop, sku="HF-2")
    rows.mark_listed(pan)
    client = client_for("owner")
    address = page_url(shop, "product-delete", pk=kettle.product_id)

    assert address in client.get(page_url(shop, "product-detail", pk=kettle.product_id)).content.decode()
    done = client.post(address)
    stays = client.post(page_url(shop, "product-delete", pk=pan.product_id))

    assert (done.status_code, done["Location"]) == (302, page_url(shop, "product-list"))
    assert stays.status_code == 409
    assert "HF-2 stays: Jet has it" in stays.content.decode()
    assert skus() == ["HF-2"]
    assert client.get(address).status_code == 404


@pytest.mark.feature("CSV-01")
def test_what_a_file_added_is_deleted_from_its_page_and_what_it_changed_stays(
    shop: Merchant, import_csv: Callable[..., CsvUpload], client_for: ClientFor
) -> None:
    import_csv([{**GOOD, "sku": "BEFORE"}])
    upload = import_csv(
        [{**GOOD, "sku": "BEFORE", "brand": "Ostley"}, {**GOOD, "sku": "A"}, {**GOOD, "sku": "B"}]
    )
    import_csv([{**GOOD, "sku": "B", "brand": "Larkmoor"}])
    client = client_for("owner")

    page = client.get(page_url(shop, "csv-detail", pk=upload.pk)).content.decode()
    client.post(page_url(shop, "csv-delete-added", pk=upload.pk))

    assert "Delete the 1 SKU it added" in page
    assert skus() == ["B", "BEFORE"]


def test_the_api_deletes_one_or_many_and_refuses_with_the_reason(
    shop: Merchant, client_for: ClientFor
) -> None:
    one, two, listed = (rows.make_variant(shop, sku=sku) for sku in ("ONE", "TWO", "OPEN"))
    rows.mark_listed(listed)
    client = client_for("owner")
    base = f"/api/v1/m/{shop.slug}/catalog"

    def send(method: str, path: str, data: Any = None) -> Any:
        return getattr(client, method)(f"{base}/{path}", data, content_type="application/json")

    assert send("delete", f"variants/{one.pk}/").status_code == 204
    assert send("delete", f"products/{one.product_id}/").status_code == 404
    refused = send("delete", f"products/{listed.product_id}/")
    unknown = send("post", "variants/delete/", {"skus": ["TWO", "NONE"]})
    many = send("post", "variants/delete/", {"skus": ["TWO", "OPEN"]})

    assert (refused.status_code, refused.json()["code"]) == (409, "stays_listed")
    assert (unknown.status_code, unknown.json()["fields"]) == (400, {"skus": ["Unknown: NONE"]})
    assert (many.status_code, many.json()["done"], many.json()["skipped"]) == (202, 1, 1)
    assert skus() == ["OPEN"]
    assert two.pk
