"""Groups at the sandbox over real HTTP: sent, changed, refused, repeated, dissolved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from catalog.actions import publish
from catalog.actions.deltas import push_deltas
from catalog.actions.errors import Refusal
from catalog.actions.marks import mark_all_refused
from catalog.actions.product import update_variant
from catalog.actions.relations import refresh_exceptions
from catalog.actions.resubmit import Touched, resend_errors, touched_by
from catalog.actions.targets import refresh_targets
from catalog.actions.variation_targets import recount_groups, refresh_groups, write_members
from catalog.enums import ErrorCode, FileState, FileType, Step
from catalog.models import BulkFile, Listing, Product, ShippingException, SkuError, VariationGroup
from catalog.sync import relations
from jetsync.enums import JobState
from jetsync.jet.files import FileService
from jetsync.models import FulfillmentNode, Job, Merchant, Options
from jetsync.sync.client import client_for
from jetsync.sync.queue import enqueue
from jetsync.sync.runner import run_job
from jetsync.tenancy.actor import SYSTEM
from tests.catalog.variations.conftest import SIZE
from tests.catalog.variations.families import group_of, sku

pytestmark = pytest.mark.django_db
Family = Callable[..., Product]
Finish = Callable[[], None]


def ids_of(product: Product) -> list[int]:
    return list(product.variants.order_by("position").values_list("pk", flat=True))


def at_jet(sandbox: Any, name: str) -> tuple[str, list[int], list[str], str]:
    shown = client_for(sandbox.account).products.get_variation(name)
    return (
        str(shown.relationship or ""),
        list(shown.variation_refinements),
        list(shown.children_skus),
        shown.group_title or "",
    )


def calls(sandbox: Any, part: str, method: str = "PUT") -> list[str]:
    rows = sandbox.control.requests()
    return [row["path"] for row in rows if row["method"] == method and part in row["path"]]


GROUP = ("Variation", [SIZE], ["HF-M", "HF-L"], "Copper Kettle")
NONE = ("", [], [], "")


@pytest.mark.feature("VAR-08")
def test_direct_upload_sends_the_group_behind_its_last_sku(
    market: Merchant, sandbox: Any, family: Family, finish: Finish
) -> None:
    product = family("S", "M", "L")

    publish.upload(market, ids_of(product), actor=SYSTEM)
    finish()

    assert at_jet(sandbox, "HF-S") == GROUP
    group = group_of(market, "HF-S")
    assert (group.dirty, group.sent, group.error_message) == (False, group.target, "")
    assert group.sent_body == {
        "relationship": "Variation",
        "variation_refinements": [SIZE],
        "children_skus": ["HF-M", "HF-L"],
        "group_title": "Copper Kettle",
    }
    assert len(calls(sandbox, "/variation")) == 1


@pytest.mark.feature("VAR-08", "CSV-30")
def test_a_group_waits_until_jet_has_taken_every_sku(
    market: Merchant, sandbox: Any, family: Family, finish: Finish
) -> None:
    product = family("S", "M", "L")
    first, *others = ids_of(product)

    publish.upload(market, [first], actor=SYSTEM)
    finish()
    before = calls(sandbox, "/variation")
    publish.upload(market, others, actor=SYSTEM)
    finish()

    assert before == []
    assert at_jet(sandbox, "HF-S") == GROUP


@pytest.mark.feature("VAR-08")
def test_many_skus_send_their_groups_as_a_file_of_type_variation(
    market: Merchant, sandbox: Any, family: Family, finish: Finish
) -> None:
    Options.objects.update(direct_upload_limit=1, skus_per_file=30)
    one, two = family("S", "M", "L"), family("1", "2", stem="ZZ")

    operation = publish.upload(market, [*ids_of(one), *ids_of(two)], actor=SYSTEM)
    finish()

    operation.refresh_from_db()
    assert (operation.done, operation.failed) == (5, 0)
    files = BulkFile.objects.filter(file_type=FileType.VARIATION)
    assert {(row.state, row.sku_count) for row in files} == {(FileState.DONE, 2)}
    assert at_jet(sandbox, "HF-S") == GROUP
    assert at_jet(sandbox, "ZZ-1") == ("Variation", [SIZE], ["ZZ-2"], "Copper Kettle")
    assert calls(sandbox, "/variation") == []
    assert not VariationGroup.objects.filter(dirty=True).exists()


@pytest.mark.feature("VAR-08")
def test_a_group_waits_for_the_attribute_that_jet_has_not_got_yet(
    market: Merchant, sandbox: Any, family: Family, finish: Finish
) -> None:
    """Jet has a SKU without the attribute: the group is not sent into a refusal, and follows the SKU."""
    product = family("S", "M")
    Product.objects.update(keeps_apart=True)  # as single listings they may lack it
    update_variant(sku(market, "HF-M"), {"attributes": []}, actor=SYSTEM)
    publish.upload(market, ids_of(product), actor=SYSTEM)
    finish()
    Product.objects.update(keeps_apart=False)
    assert group_of(market, "HF-S").target == ""

    Options.objects.update(edit_sends_content=False)
    update_variant(sku(market, "HF-M"), sized("M"), actor=SYSTEM)
    finish()

    group = group_of(market, "HF-S")
    assert (group.dirty, group.sent, group.error_message) == (True, "", "")
    assert calls(sandbox, "/variation") == []

    Options.objects.update(edit_sends_content=True)
    push_deltas(market)
    finish()

    group.refresh_from_db()
    assert (group.dirty, group.error_message) == (False, "")
    assert at_jet(sandbox, "HF-S")[2] == ["HF-M"]
    assert len(calls(sandbox, "/variation")) == 1
    assert not SkuError.objects.exists()


@pytest.mark.feature("VAR-08")
@pytest.mark.parametrize("limit", [30, 1])
def test_an_attribute_given_to_a_family_reaches_jet_before_its_group(
    market: Merchant, sandbox: Any, family: Family, finish: Finish, limit: int
) -> None:
    """Relations run before the product data on purpose; by direct calls and as files."""
    product = family("S", "M", "L")
    Product.objects.update(keeps_apart=True)  # as single listings they may lack it
    for name in ("HF-S", "HF-M", "HF-L"):
        update_variant(sku(market, name), {"attributes": []}, actor=SYSTEM)
    publish.upload(market, ids_of(product), actor=SYSTEM)
    finish()
    Product.objects.update(keeps_apart=False)
    Options.objects.update(direct_upload_limit=limit)

    for name in ("S", "M", "L"):
        update_variant(sku(market, f"HF-{name}"), sized(name), actor=SYSTEM)
    run_job(enqueue(market, "catalog.push_relations", "delta").pk)
    before = calls(sandbox, "/variation")
    finish()

    assert before == []
    assert at_jet(sandbox, "HF-S") == GROUP
    assert len(calls(sandbox, "/variation")) == 1
    assert not SkuError.objects.exists()


def sized(value: str) -> dict[str, Any]:
    return {"attributes": [{"id": SIZE, "value": value, "unit": ""}]}


def strip_at_jet(sandbox: Any, name: str) -> None:
    """Another tool takes the attributes from the SKU at Jet; jetsync does not know."""
    body = dict(Listing.objects.get(variant__sku=name).content_sent_body or {})
    del body["attributes_node_specific"]
    client_for(sandbox.account).products.put(name, body)  # type: ignore[arg-type]  # a stored MerchantSkuBody


@pytest.mark.feature("VAR-08")
def test_a_refusal_comes_back_to_its_group_and_the_next_upload_mends_it(
    market: Merchant, sandbox: Any, family: Family, finish: Finish
) -> None:
    product = family("S", "M")
    publish.upload(market, ids_of(product), actor=SYSTEM)
    finish()
    strip_at_jet(sandbox, "HF-M")
    VariationGroup.objects.update(group_title="Kettles", origin="panel")
    refresh_groups(market, ids_of(product))
    push_deltas(market)
    finish()

    group = group_of(market, "HF-S")
    assert f"HF-M lacks attribute {SIZE}" in group.error_message
    assert group.error_at is not None
    assert SkuError.objects.filter(step="variation", resolved_at=None).count() == 1
    assert len(calls(sandbox, "/variation")) == 2

    publish.upload(market, [sku(market, "HF-M").pk], actor=SYSTEM)
    finish()

    group.refresh_from_db()
    assert (group.error_message, group.error_at, group.dirty) == ("", None, False)
    assert Listing.objects.get(variant__sku="HF-S").error_message == ""
    assert at_jet(sandbox, "HF-S")[3] == "Kettles"


@pytest.mark.feature("VAR-08")
def test_errors_of_a_file_come_back_to_their_groups_alone(
    market: Merchant, sandbox: Any, family: Family, finish: Finish
) -> None:
    good, bad = family("S", "M"), family("1", "2", stem="ZZ")
    publish.upload(market, [*ids_of(good), *ids_of(bad)], actor=SYSTEM)
    finish()
    strip_at_jet(sandbox, "ZZ-2")
    Options.objects.update(direct_upload_limit=1)
    VariationGroup.objects.update(group_title="Kettles", origin="panel")
    refresh_groups(market, [*ids_of(good), *ids_of(bad)])
    push_deltas(market)
    finish()

    fine, wrong = group_of(market, "HF-S"), group_of(market, "ZZ-1")
    assert (fine.error_message, fine.dirty) == ("", False)
    assert f"lacks attribute {SIZE}" in wrong.error_message
    assert wrong.dirty is True
    assert at_jet(sandbox, "HF-S")[3] == "Kettles"
    assert at_jet(sandbox, "ZZ-1")[3] == "Copper Kettle"


@pytest.mark.feature("VAR-08", "EXC-06")
def test_a_waiting_group_keeps_no_exception_from_being_sent(
    market: Merchant, sandbox: Any, family: Family, finish: Finish
) -> None:
    product = family("S", "M")
    publish.upload(market, ids_of(product), actor=SYSTEM)
    finish()
    first = sku(market, "HF-S")
    VariationGroup.objects.update(group_title="Kettles", origin="panel")
    refresh_groups(market, ids_of(product))
    refusal = Refusal(first.listing.pk, ErrorCode.FILE_REFUSED, "Jet named no SKU.", step=str(Step.VARIATION))
    mark_all_refused(market, [refusal])
    VariationGroup.objects.update(error_message="", error_at=None)  # as when it has changed since
    other = sku(market, "HF-M")
    ShippingException.objects.create(
        merchant=market,
        variant=other,
        node=FulfillmentNode.objects.get(),
        service_level="Next Day",
        exception_type="restricted",
    )
    refresh_exceptions(market, [other.pk])
    push_deltas(market)

    run_job(Job.objects.get(kind="catalog.push_relations", state=JobState.QUEUED).pk)

    assert len(calls(sandbox, "/shippingexception")) == 1
    assert Listing.objects.get(pk=other.listing.pk).shipping_dirty is False
    job = Job.objects.get(kind="catalog.push_relations", state=JobState.QUEUED)
    assert job.message == "1 shipping exception sent."
    assert job.not_before > timezone.now()


def open_errors() -> set[tuple[str, str]]:
    rows = SkuError.objects.filter(step="variation", resolved_at=None)
    return set(rows.values_list("listing__variant__sku", "message"))


@pytest.mark.feature("REJ-07", "VAR-08")
def test_an_error_about_a_child_comes_to_its_group_and_to_the_child(
    market: Merchant, sandbox: Any, family: Family, finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another tool has taken the attribute from ZZ-2 at Jet, which says so with that SKU first."""
    good, bad = family("S", "M"), family("1", "2", stem="ZZ")
    publish.upload(market, [*ids_of(good), *ids_of(bad)], actor=SYSTEM)
    finish()
    strip_at_jet(sandbox, "ZZ-2")
    Options.objects.update(direct_upload_limit=1)
    VariationGroup.objects.update(group_title="Kettles", origin="panel")
    refresh_groups(market, [*ids_of(good), *ids_of(bad)])
    push_deltas(market)
    with monkeypatch.context() as patch:
        patch.setattr(FileService, "errors", lambda _self, _record: ["ZZ-2: attribute is missing"])
        finish()

    fine, wrong = group_of(market, "HF-S"), group_of(market, "ZZ-1")
    assert (fine.error_message, fine.dirty) == ("", False)
    assert "ZZ-2: attribute is missing" in wrong.error_message
    assert open_errors() == {("ZZ-1", "ZZ-2: attribute is missing"), ("ZZ-2", "attribute is missing")}
    child = Listing.objects.get(variant__sku="ZZ-2")
    assert child.error_code == "variation_refused"
    assert child.error_message == ("ZZ-2: Jet refused the group of ZZ-1 because of it: attribute is missing")
    file = BulkFile.objects.get(file_type=FileType.VARIATION)
    assert touched_by(file) == Touched([wrong.parent.listing.pk], [])

    errors = SkuError.objects.filter(listing=child, resolved_at=None)
    again = resend_errors(market, list(errors.values_list("pk", flat=True)), actor=SYSTEM)
    assert list(again.rows.values_list("label", flat=True)) == ["ZZ-1"]
    publish.upload(market, [sku(market, "ZZ-2").pk], actor=SYSTEM)
    finish()

    assert at_jet(sandbox, "ZZ-1")[2] == ["ZZ-2"]
    assert open_errors() == set()
    child.refresh_from_db()
    assert child.error_code == ""


@pytest.mark.feature("REJ-07")
def test_a_child_that_leaves_the_group_is_rid_of_its_error(market: Merchant, family: Family) -> None:
    family("S", "M", "L")
    group = group_of(market, "HF-S")
    child = Listing.objects.get(variant__sku="HF-M")
    mark_all_refused(market, [Refusal(child.pk, "variation_refused", "HF-M: odd")])

    left, stays = sku(market, "HF-M").pk, sku(market, "HF-L").pk
    write_members(market, {group.pk: [stays]}, {group.pk: [left, stays]})
    recount_groups(market, [left, stays])

    assert open_errors() == set()
    child.refresh_from_db()
    assert child.error_message == ""


class Killed(BaseException):
    """Stands for a worker that is gone: nothing after it runs."""


@pytest.mark.feature("VAR-08")
def test_killed_between_acceptance_and_record_the_repeat_gives_the_same(
    market: Merchant, sandbox: Any, family: Family, finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = family("S", "M", "L")
    publish.upload(market, ids_of(product), actor=SYSTEM)

    def die(*_args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(relations, "mark_groups_sent", die)
        with pytest.raises(Killed):
            finish()
    half = group_of(market, "HF-S")
    assert at_jet(sandbox, "HF-S") == GROUP
    assert (half.dirty, half.sent) == (True, "")

    Job.objects.filter(state=JobState.RUNNING).update(state=JobState.QUEUED)  # as the reaper frees it
    finish()

    half.refresh_from_db()
    assert at_jet(sandbox, "HF-S") == GROUP
    assert (half.dirty, half.sent) == (False, half.target)


@pytest.mark.feature("VAR-08")
def test_a_change_of_the_group_is_sent_by_itself_and_once(
    market: Merchant, sandbox: Any, family: Family, finish: Finish
) -> None:
    product = family("S", "M", "L")
    publish.upload(market, ids_of(product), actor=SYSTEM)
    finish()
    other = sku(market, "HF-M")
    other.sells_on_jet = False
    other.save()

    refresh_targets(market, [other.pk])
    finish()
    refresh_targets(market, [other.pk])
    finish()

    assert at_jet(sandbox, "HF-S") == ("Variation", [SIZE], ["HF-L"], "Copper Kettle")
    assert len(calls(sandbox, "/variation")) == 2
