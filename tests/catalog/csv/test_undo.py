"""An import can be taken back: what it changed, not what it added, and not what was changed since."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.actions import csv_import
from catalog.actions.csv_undo import run_undo
from catalog.actions.csv_upload import forget_files
from catalog.enums import CsvKind, ProductKind
from catalog.models import CsvBefore, CsvUpload, Listing, NodeStock, Variant
from jetsync.actions.operation import can_undo, undo_operation
from jetsync.models import Job, Merchant, Operation, OperationRow
from jetsync.panel.confirm import operation_url
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.csv.test_products import GOOD, stored

pytestmark = pytest.mark.django_db
ImportCsv = Callable[..., CsvUpload]
Drain = Callable[..., int]
PRICES = CsvKind.PRICE_INVENTORY


def offers() -> dict[str, tuple[Decimal | None, int | None]]:
    found = Variant.objects.order_by("sku").values_list("sku", "price", "quantity")
    return {sku: (price, quantity) for sku, price, quantity in found}


def undo(upload: CsvUpload, drain: Drain) -> Operation:
    operation = Operation.objects.get(pk=upload.operation_id)
    undoing = undo_operation(operation, actor=SYSTEM)
    drain()
    undoing.refresh_from_db()
    return undoing


@pytest.mark.parametrize("batch", [1, 2500])
def test_prices_and_quantities_come_back_but_not_over_later_changes(
    shop: Merchant, import_csv: ImportCsv, drain: Drain, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(csv_import, "BATCH", batch)
    before = {"A": (Decimal(10), 1), "B": (None, None), "C": (Decimal(30), 3), "D": (Decimal(40), 4)}
    for sku, (price, quantity) in before.items():
        rows.make_variant(shop, sku=sku, price=price, quantity=quantity)
    rows.mark_listed(Variant.objects.select_related("listing").get(sku="A"))
    upload = import_csv(b"sku,price,inventory\nA,11,5\nB,12,6\nC,31,7\nD,40,4\n", PRICES)
    Variant.objects.filter(sku="C").update(quantity=2)
    Listing.objects.filter(variant__sku="A").update(price_sent=Decimal(11))  # Jet has accepted it
    Job.objects.all().delete()

    undoing = undo(upload, drain)

    assert offers() == {**before, "C": (Decimal(30), 2)}
    assert (undoing.state, undoing.total, undoing.done, undoing.skipped) == ("done", 3, 3, 0)
    [left] = OperationRow.objects.filter(operation=undoing)
    assert (left.label, left.code, left.state) == ("C", "moved", "done")
    assert left.message == "Changed since: quantity is “2” now. Left as it is. Written back: price."
    assert stored("A").listing.price_target == Decimal(10)
    assert Job.objects.filter(kind="catalog.push_prices").exists()
    assert not CsvBefore.objects.exists()


def test_products_come_back_and_new_ones_stay(shop: Merchant, import_csv: ImportCsv, drain: Drain) -> None:
    old = {**GOOD, "store_category": "Kitchen", "field:material": "Copper", "msrp": "", "brand": "Old"}
    import_csv([old, {**old, "sku": "HF-2"}])
    new = {
        **old,
        "product_title": "Another title of it",
        "brand": "Ostley",
        "store_category": "Garden",
        "field:material": "Tin",
        "msrp": "49.9",
        "product_description": "Words. " * 30,
        "bullet1": "Shiny",
    }
    upload = import_csv([new, {**new, "sku": "HF-2"}, {**new, "sku": "HF-NEW"}])
    assert (upload.created_count, upload.updated_count) == (1, 2)
    second = stored("HF-2")
    second.product.description = "Typed by somebody"
    second.product.save()

    undoing = undo(upload, drain)

    first, second = stored(), stored("HF-2")
    assert (first.product.title, first.product.brand) == (GOOD["product_title"], "Old")
    assert first.product.store_category is not None
    assert (first.product.store_category.path, first.data["material"], first.msrp) == (
        "Kitchen",
        "Copper",
        None,
    )
    assert first.product.description == GOOD["product_description"]
    assert (second.product.brand, second.product.description, second.msrp) == (
        "Old",
        "Typed by somebody",
        None,
    )
    [left] = OperationRow.objects.filter(operation=undoing)
    assert left.label == "HF-2"
    assert left.message.startswith(
        "Changed since: description is “Typed by somebody” now. Left as it is. Written back:"
    )
    assert stored("HF-NEW").product.brand == "Ostley"


@pytest.mark.parametrize("batch", [1, 2500])
def test_a_family_whose_rows_disagree_gets_back_what_stood_before_both(
    shop: Merchant, import_csv: ImportCsv, drain: Drain, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    product = rows.make_product(shop, kind=ProductKind.VARIABLE, brand="Old")
    for sku in ("A", "B"):
        rows.make_variant(shop, product, sku=sku, title=f"Kettle of size {sku}")
    monkeypatch.setattr(csv_import, "BATCH", batch)
    needed = ("multipack_quantity", "main_image_url", "standard_product_code_type1", "standard_product_code1")
    given = {name: GOOD[name] for name in needed}
    table = [
        {"sku": sku, "product_title": f"Kettle of size {sku}", "brand": brand, **given}
        for sku, brand in (("A", "Larkmoor"), ("B", "Ostley"))
    ]
    upload = import_csv(table, is_on_jet=True)
    assert stored("A").product.brand == "Ostley"

    undoing = undo(upload, drain)

    assert undoing.skipped == 0
    assert stored("A").product.brand == "Old"


def test_a_count_of_the_default_node_comes_back(shop: Merchant, import_csv: ImportCsv, drain: Drain) -> None:
    kettle = rows.make_variant(shop, sku="A", quantity=12)
    NodeStock.objects.update(quantity=3)
    upload = import_csv(b"sku,inventory\nA,12\n", PRICES)
    assert rows.offered(kettle) == {"Hoboken": 12}

    undo(upload, drain)

    assert rows.offered(kettle) == {"Hoboken": 3}


def test_an_undo_goes_on_after_a_kill_and_runs_twice_without_harm(
    shop: Merchant, import_csv: ImportCsv, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sku in "ABC":
        rows.make_variant(shop, sku=sku, price=Decimal(10), quantity=1)
    monkeypatch.setattr(csv_import, "BATCH", 1)
    upload = import_csv(b"sku,price\nA,11\nB,11\nC,11\n", PRICES)
    undoing = undo_operation(Operation.objects.get(pk=upload.operation_id), actor=SYSTEM)
    beats: list[int] = []

    def heartbeat() -> None:
        beats.append(1)
        if len(beats) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_undo(undoing, heartbeat)
    assert sorted(price for price, _quantity in offers().values()) == [10, 10, 11]

    run_undo(undoing)
    done = run_undo(undoing)

    assert {price for price, _quantity in offers().values()} == {Decimal(10)}
    assert (done.state, done.done, done.total) == ("done", 3, 3)


def test_an_undo_takes_as_many_queries_for_three_skus_as_for_one(
    shop: Merchant, import_csv: ImportCsv
) -> None:
    def queries(*skus: str) -> int:
        for sku in skus:
            rows.make_variant(shop, sku=sku, price=Decimal(10), quantity=1)
        lines = "".join(f"{sku},11,2\n" for sku in skus)
        upload = import_csv(f"sku,price,inventory\n{lines}".encode(), PRICES)
        undoing = undo_operation(Operation.objects.get(pk=upload.operation_id), actor=SYSTEM)
        with CaptureQueriesContext(connection) as captured:
            run_undo(undoing)
        return len(captured)

    assert queries("A") == queries("B", "C", "D")


def test_only_an_import_that_changed_something_offers_an_undo(
    shop: Merchant, import_csv: ImportCsv, client_for: Callable[..., Client]
) -> None:
    made, changed = import_csv([GOOD]), import_csv([{**GOOD, "brand": "Ostley"}])
    client = client_for("owner")

    def page(upload: CsvUpload, client: Client = client) -> str:
        return client.get(f"/m/{shop.slug}/catalog/csv/{upload.pk}/").content.decode()

    assert "Undo this import" not in page(made)
    assert "Undo this import" in page(changed)
    asked = client.get(
        f"{operation_url(Operation.objects.get(pk=changed.operation_id))}undo/"
    ).content.decode()
    assert "SKUs that the file added stay" in asked
    assert "Undo this import" not in page(changed, client_for("analyst"))

    CsvUpload.objects.update(finished_at="2020-01-01T00:00:00Z")
    forget_files(shop)
    assert not can_undo(Operation.objects.get(pk=changed.operation_id))


def asks(client: Client, upload: CsvUpload) -> str:
    operation = Operation.objects.get(pk=upload.operation_id)
    return f"{operation_url(operation)}undo/"


def test_a_sku_whose_every_column_was_changed_since_is_skipped(
    shop: Merchant, import_csv: ImportCsv, drain: Drain
) -> None:
    rows.make_variant(shop, sku="A", price=Decimal(10), quantity=1)
    upload = import_csv(b"sku,price\nA,11\n", PRICES)
    Variant.objects.update(price=Decimal(12))

    undoing = undo(upload, drain)

    assert offers() == {"A": (Decimal(12), 1)}
    assert (undoing.done, undoing.skipped) == (0, 1)


@pytest.mark.parametrize("ticks", [{"spares": "1"}, {}])
def test_listed_skus_keep_price_and_quantity_unless_the_tick_is_taken_away(
    shop: Merchant,
    import_csv: ImportCsv,
    drain: Drain,
    client_for: Callable[..., Client],
    ticks: dict[str, str],
) -> None:
    for sku, price in (("A", None), ("B", None), ("C", Decimal(10))):
        rows.make_variant(shop, sku=sku, price=price, quantity=None if price is None else 3)
    upload = import_csv(b"sku,price,inventory\nA,11,5\nB,11,5\nC,11,5\n", PRICES)
    for sku in "AC":
        rows.mark_listed(Variant.objects.select_related("listing").get(sku=sku))
    client = client_for("owner")

    page = client.get(asks(client, upload)).content.decode()
    assert "1 listed SKU loses price or quantity, which the file brought, unless you leave it alone" in page
    assert "is set to 0 at Jet" in page
    assert 'name="spares" id="id_spares" value="1" checked' in page

    assert client.post(asks(client, upload), {"asked_spares": "1", **ticks}).status_code == 302
    drain()

    kept = (Decimal(11), 5) if ticks else (None, None)
    assert offers() == {"A": kept, "B": (None, None), "C": (Decimal(10), 3)}
    left = OperationRow.objects.filter(code="listed").values_list("label", "message")
    words = "Listed at Jet, and had no price, quantity before. Left as it is."
    assert list(left) == ([("A", words)] if ticks else [])


def test_the_undo_of_an_import_without_emptied_skus_has_no_tick(
    shop: Merchant, import_csv: ImportCsv, client_for: Callable[..., Client]
) -> None:
    rows.mark_listed(rows.make_variant(shop, sku="A", price=Decimal(10), quantity=1))
    client = client_for("owner")
    page = client.get(asks(client, import_csv(b"sku,price\nA,11\n", PRICES))).content.decode()
    assert ("set to 0 at Jet" in page, "id_spares" in page) == (False, False)


def test_the_page_of_an_import_says_that_it_was_taken_back(
    shop: Merchant, import_csv: ImportCsv, drain: Drain, client_for: Callable[..., Client]
) -> None:
    rows.make_variant(shop, sku="A", price=Decimal(10), quantity=1)
    upload = import_csv(b"sku,price\nA,11\n", PRICES)
    client = client_for("owner")
    here = f"/m/{shop.slug}/catalog/csv/"
    assert "aken back" not in client.get(f"{here}{upload.pk}/").content.decode()

    undoing = undo(upload, drain)

    page = client.get(f"{here}{upload.pk}/").content.decode()
    assert f"Taken back by {undoing.actor_label}" in page
    assert f'href="{operation_url(undoing)}"' in page
    assert "Undo this import" not in page
    assert "Taken back since." in client.get(here).content.decode()
