"""Groups at the sandbox over real HTTP: sent, changed, refused, repeated, dissolved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog.actions import publish
from catalog.actions.deltas import push_deltas
from catalog.actions.marks import Refusal, mark_all_refused
from catalog.actions.product import update_variant
from catalog.actions.resubmit import Touched, resend_errors, touched_by
from catalog.actions.targets import refresh_targets
from catalog.actions.variation_targets import refresh_groups, write_members
from catalog.enums import FileState, FileType
from catalog.models import BulkFile, Listing, Product, SkuError, VariationGroup
from catalog.sync import relations
from jetsync.enums import JobState
from jetsync.jet.files import FileService
from jetsync.models import Job, Merchant, Options
from jetsync.sync.client import client_for
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
def test_a_refusal_comes_back_to_its_group_and_the_next_upload_mends_it(
    market: Merchant, sandbox: Any, family: Family, finish: Finish
) -> None:
    """Jet has an older version of a SKU, without the attribute."""
    product = family("S", "M")
    update_variant(sku(market, "HF-M"), {"attributes": []}, actor=SYSTEM)
    publish.upload(market, ids_of(product), actor=SYSTEM)
    finish()
    assert group_of(market, "HF-S").target == ""
    assert calls(sandbox, "/variation") == []

    changes = {"attributes": [{"id": SIZE, "value": "M", "unit": ""}]}
    Options.objects.update(edit_sends_content=False)
    update_variant(sku(market, "HF-M"), changes, actor=SYSTEM)
    finish()

    group = group_of(market, "HF-S")
    assert f"HF-M lacks attribute {SIZE}" in group.error_message
    assert group.error_at is not None
    assert SkuError.objects.filter(step="variation", resolved_at=None).count() == 1
    assert len(calls(sandbox, "/variation")) == 1

    publish.upload(market, [sku(market, "HF-M").pk], actor=SYSTEM)
    finish()

    group.refresh_from_db()
    assert (group.error_message, group.error_at, group.dirty) == ("", None, False)
    assert Listing.objects.get(variant__sku="HF-S").error_message == ""
    assert at_jet(sandbox, "HF-S")[2] == ["HF-M"]


@pytest.mark.feature("VAR-08")
def test_errors_of_a_file_come_back_to_their_groups_alone(
    market: Merchant, sandbox: Any, family: Family, finish: Finish
) -> None:
    good, bad = family("S", "M"), family("1", "2", stem="ZZ")
    update_variant(sku(market, "ZZ-2"), {"attributes": []}, actor=SYSTEM)
    publish.upload(market, [*ids_of(good), *ids_of(bad)], actor=SYSTEM)
    finish()
    Options.objects.update(direct_upload_limit=1, edit_sends_content=False)
    update_variant(
        sku(market, "ZZ-2"), {"attributes": [{"id": SIZE, "value": "2", "unit": ""}]}, actor=SYSTEM
    )
    VariationGroup.objects.update(group_title="Kettles", origin="panel")
    refresh_groups(market, [*ids_of(good), *ids_of(bad)])
    finish()

    push_deltas(market)
    finish()

    fine, wrong = group_of(market, "HF-S"), group_of(market, "ZZ-1")
    assert (fine.error_message, fine.dirty) == ("", False)
    assert f"lacks attribute {SIZE}" in wrong.error_message
    assert (wrong.dirty, wrong.sent) == (True, "")
    assert at_jet(sandbox, "HF-S")[3] == "Kettles"


def open_errors() -> set[tuple[str, str]]:
    rows = SkuError.objects.filter(step="variation", resolved_at=None)
    return set(rows.values_list("listing__variant__sku", "message"))


@pytest.mark.feature("REJ-07", "VAR-08")
def test_an_error_about_a_child_comes_to_its_group_and_to_the_child(
    market: Merchant, sandbox: Any, family: Family, finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jet has an older ZZ-2 without the attribute, and says so with that SKU first."""
    good, bad = family("S", "M"), family("1", "2", stem="ZZ")
    update_variant(sku(market, "ZZ-2"), {"attributes": []}, actor=SYSTEM)
    publish.upload(market, [*ids_of(good), *ids_of(bad)], actor=SYSTEM)
    finish()
    Options.objects.update(direct_upload_limit=1, edit_sends_content=False)
    changes = {"attributes": [{"id": SIZE, "value": "2", "unit": ""}]}
    update_variant(sku(market, "ZZ-2"), changes, actor=SYSTEM)
    VariationGroup.objects.update(group_title="Kettles", origin="panel")
    refresh_groups(market, [*ids_of(good), *ids_of(bad)])
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
