"""Every file type against the sandbox over HTTP, with one bad SKU in each that stops no other."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from typing import Any

import pytest

from catalog.actions import publish, sending
from catalog.actions.relations import refresh_exceptions
from catalog.actions.targets import refresh_targets
from catalog.enums import FileState, FileType, Step
from catalog.models import (
    BulkFile,
    Listing,
    NodeStock,
    ReturnException,
    ReturnExceptionLocation,
    ShippingException,
    SkuError,
)
from catalog.sync import files
from jetsync.models import FulfillmentNode, JetAccount, ReturnLocation
from jetsync.sync.client import client_for
from jetsync.tenancy.actor import SYSTEM
from tests.catalog.publishing.steps import calls, finish, listing_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`spoil(file_type, sku)`: this SKU's body in files of this type is one that Jet refuses."""

    def register(file_type: FileType, sku: str) -> None:
        original = files._ENTRIES[file_type]

        def entries(merchant: Any, ids: Any) -> Any:
            for name, body, entry in original(merchant, ids):
                yield name, ({"nonsense": True} if name == sku else body), entry

        monkeypatch.setitem(files._ENTRIES, file_type, entries)

    return register


def send(shop: Any, steps: list[Step], variants: list[Any]) -> Any:
    rows = [sending.listing_row(listing_of(row)) for row in variants]
    return sending.start_sending(
        shop, "catalog.resend", "Test", rows, steps, actor=SYSTEM, way=sending.Way.FILES
    )


@pytest.fixture
def listed(shop, sandbox, kettle, drain):
    """Three kettles that Jet knows."""
    variants = [kettle(f"HF-{number}") for number in (1, 2, 3)]
    publish.upload(shop, [row.pk for row in variants], actor=SYSTEM)
    drain()
    return variants


@pytest.mark.feature("BUL-05", "BUL-07", "REJ-02", "REJ-07")
@pytest.mark.parametrize(
    ("file_type", "step"),
    [
        (FileType.MERCHANT_SKUS, Step.CONTENT),
        (FileType.PRICE, Step.PRICE),
        (FileType.INVENTORY, Step.INVENTORY),
        (FileType.ARCHIVE, Step.ARCHIVE),
    ],
)
def test_one_bad_sku_stops_no_other(shop, sandbox, listed, drain, *, spoil, file_type, step):
    spoil(file_type, "HF-2")
    if step == Step.ARCHIVE:
        Listing.objects.update(archived_target=True)
    operation = send(shop, [step], listed)
    finish(drain, sandbox)

    operation.refresh_from_db()
    assert (operation.done, operation.failed) == (2, 1)
    file = BulkFile.objects.get(file_type=file_type)
    assert (file.state, file.sku_count) == (FileState.WITH_ERRORS, 3)
    errors = SkuError.objects.filter(file=file, resolved_at=None)
    assert set(errors.values_list("listing__variant__sku", "step")) == {("HF-2", str(step))}
    with file.content.open("rb") as stream:
        assert set(json.loads(gzip.decompress(stream.read()))) == {"HF-1", "HF-2", "HF-3"}


@pytest.mark.feature("BUL-07", "REJ-02")
def test_exceptions_travel_as_files_of_their_own(shop, sandbox, listed, drain, spoil):
    account = JetAccount.objects.get()
    node = account.nodes.get()
    place = ReturnLocation.objects.create(
        merchant=shop,
        account=account,
        return_id=sandbox.control.add_return_location("demo-user", "Hoboken"),
        address1="7 Mill Street",
        city="Hoboken",
        state="NJ",
        zip_code="07030",
    )
    for variant in listed:
        made = ReturnException.objects.create(merchant=shop, variant=variant, time_to_return=20)
        ReturnExceptionLocation.objects.create(merchant=shop, exception=made, location=place)
        ShippingException.objects.create(
            merchant=shop, variant=variant, node=node, service_level="Next Day", exception_type="restricted"
        )
    refresh_exceptions(shop, [row.pk for row in listed])
    spoil(FileType.SHIPPING_EXCEPTION, "HF-2")
    spoil(FileType.RETURNS_EXCEPTION, "HF-3")
    operation = send(shop, [Step.SHIPPING, Step.RETURNS], listed)
    finish(drain, sandbox)
    operation.refresh_from_db()
    assert (operation.done, operation.failed) == (1, 2)
    assert client_for(sandbox.account).products.get_returns_exception("HF-1").time_to_return == 20
    refused = SkuError.objects.filter(resolved_at=None).values_list("listing__variant__sku", "step")
    assert set(refused) == {("HF-2", "shipping"), ("HF-3", "returns")}
    file = BulkFile.objects.get(file_type=FileType.SHIPPING_EXCEPTION)
    assert file.state == FileState.WITH_ERRORS
    shown = client_for(sandbox.account).products.get_shipping_exceptions("HF-1")
    assert [row.service_level for row in shown[0].shipping_exceptions] == ["Next Day"]
    assert client_for(sandbox.account).products.get_shipping_exceptions("HF-2") == []
    assert [listing_of(row).shipping_dirty for row in listed] == [False, True, False]


@pytest.mark.feature("INV-02")
def test_each_node_gets_its_own_number_in_calls_and_files(shop, sandbox, kettle, drain):
    node_id = sandbox.control.add_node("demo-user", "Reno")
    second = FulfillmentNode.objects.create(
        merchant=shop, account=JetAccount.objects.get(), node_id=node_id, name="Reno", zip_code="89502"
    )
    variants = [kettle("HF-1"), kettle("HF-2")]
    for variant in variants:
        NodeStock.objects.create(merchant=shop, variant=variant, node=second, quantity=5)
    refresh_targets(shop, [row.pk for row in variants], push=False)
    publish.upload(shop, [variants[0].pk], actor=SYSTEM)
    publish.upload(shop, [variants[1].pk], actor=SYSTEM, way=sending.Way.FILES)
    finish(drain, sandbox)

    for sku in ("HF-1", "HF-2"):
        shown = client_for(sandbox.account).products.get(sku)
        assert shown.quantities == {sandbox.node_id: 12, node_id: 5}
        assert shown.price == Decimal("38.50")


def test_an_upload_by_files_sends_each_price_once(shop, sandbox, kettle, drain):
    """The deltas leave to the operation what its next steps send."""
    variants = [kettle(f"HF-{number}") for number in (1, 2)]
    publish.upload(shop, [row.pk for row in variants], actor=SYSTEM, way=sending.Way.FILES)
    finish(drain, sandbox)
    kinds = list(BulkFile.objects.order_by("pk").values_list("file_type", "sku_count", "state"))
    assert kinds == [("MerchantSKUs", 2, "done"), ("Price", 2, "done"), ("Inventory", 2, "done")]
    assert calls(sandbox, "PUT", "/price") == []
    assert calls(sandbox, "PATCH", "/inventory") == []
    assert not any(listing_of(row).price_dirty for row in variants)
