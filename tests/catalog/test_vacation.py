"""Vacation: everything open is archived, exactly that comes back, by hand and by the clock, whatever dies in between."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.actions import sending
from catalog.actions.vacation import end_vacation, plan_vacation, start_vacation
from catalog.enums import VacationState
from catalog.models import Listing, Vacation
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import JetAccount, Merchant, Operation, Schedule
from jetsync.panel.rendering import when_text
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import schedule_of
from jetsync.sync.schedules import ensure_schedules, start_due
from jetsync.tenancy.actor import SYSTEM
from tests import factories
from tests.catalog import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def skus(shop: Merchant) -> dict[str, Listing]:
    """Two open ones, one archived long ago, one that Jet never got."""
    found = {}
    for name in ("OPEN-1", "OPEN-2", "OLD", "NEW"):
        variant = rows.make_variant(shop, sku=name, quantity=5)
        sent = None if name == "NEW" else timezone.now()
        is_old = name == "OLD"
        Listing.objects.filter(variant=variant).update(
            content_sent_at=sent, archived_target=is_old, archived_sent=is_old, archived_live=is_old
        )
        found[name] = Listing.objects.get(variant=variant)
    return found


def archived() -> set[str]:
    return set(Listing.objects.filter(archived_target=True).values_list("variant__sku", flat=True))


def page(merchant: Merchant, name: str = "vacation") -> str:
    return reverse(f"catalog:{name}", kwargs={"merchant_slug": merchant.slug})


def now_on_vacation(shop: Merchant, **more: Any) -> Vacation:
    plan_vacation(shop, starts_at=None, ends_at=None, actor=SYSTEM, **more)
    return Vacation.objects.get()


def test_numbers_of_the_page_lead_to_exactly_these_skus(
    shop: Merchant, skus: dict[str, Listing], client_for: Callable[..., Client]
) -> None:
    client = client_for("owner")
    html = client.get(page(shop)).content.decode()
    grid = reverse("catalog:product-list", kwargs={"merchant_slug": shop.slug})
    for query, expected in (("at_jet=open", {"OPEN-1", "OPEN-2"}), ("at_jet=archived", {"OLD"})):
        assert f"{grid}?{query}" in html
        shown = client.get(f"{grid}?{query}").content.decode()
        assert {name for name in skus if f">{name}<" in shown} == expected


@pytest.mark.feature("VAC-01")
def test_all_open_skus_are_archived_after_the_page_has_counted_and_asked(
    shop: Merchant, skus, client_for: Callable[..., Client]
) -> None:
    client = client_for("owner")
    html = client.get(page(shop)).content.decode()
    assert "SKUs to archive" in html
    assert "Archived already, stay so" in html
    refused = client.post(page(shop), {})
    assert refused.status_code == 400
    assert "Tick this" in refused.content.decode()
    assert archived() == {"OLD"}

    answer = client.post(page(shop), {"confirmed": "on"}, follow=True)
    assert "The vacation began." in answer.content.decode()
    assert archived() == {"OLD", "OPEN-1", "OPEN-2"}
    operation = Operation.objects.get()
    assert (operation.kind, operation.total) == ("catalog.archive", 2)
    assert operation.title in answer.content.decode()


@pytest.mark.feature("VAC-02")
def test_only_what_the_vacation_archived_comes_back(
    shop: Merchant, skus, client_for: Callable[..., Client]
) -> None:
    now_on_vacation(shop)
    answer = client_for("owner").post(page(shop, "vacation-end"), follow=True)
    assert "The vacation is over." in answer.content.decode()
    assert archived() == {"OLD"}
    vacation = Vacation.objects.get()
    assert (vacation.state, vacation.returning.kind) == (VacationState.OVER, "catalog.unarchive")


@pytest.mark.feature("VAC-01", "VAC-02")
def test_plan_is_followed_by_the_clock_and_each_way_happens_once(
    shop: Merchant, skus, drain: Callable[[], Any]
) -> None:
    now = timezone.now()
    plan_vacation(shop, starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2), actor=SYSTEM)
    run(shop, drain)
    assert archived() == {"OLD"}
    Vacation.objects.update(starts_at=now - timedelta(minutes=1))
    for _again in range(2):
        run(shop, drain)
        assert archived() == {"OLD", "OPEN-1", "OPEN-2"}
    Vacation.objects.update(ends_at=now - timedelta(seconds=1))
    for _again in range(2):
        run(shop, drain)
        assert archived() == {"OLD"}
    kinds = sorted(Operation.objects.values_list("kind", flat=True))
    assert kinds == ["catalog.archive", "catalog.unarchive"]


def run(shop: Merchant, drain: Callable[[], Any]) -> None:
    enqueue(shop, "catalog.vacation", "schedule")
    drain()


def test_schedule_idles_without_a_vacation(shop: Merchant) -> None:
    ensure_schedules(shop)
    Schedule.objects.exclude(kind="catalog.vacation").delete()
    Schedule.objects.update(next_due_at=timezone.now() - timedelta(minutes=1))
    assert start_due() == 0
    plan_vacation(shop, starts_at=timezone.now() + timedelta(days=1), ends_at=None, actor=SYSTEM)
    Schedule.objects.update(next_due_at=timezone.now() - timedelta(minutes=1))
    assert start_due() == 1


def test_vacation_that_ends_in_the_middle_of_archiving_opens_what_it_closed(shop: Merchant, skus) -> None:
    vacation = now_on_vacation(shop)
    assert vacation.leaving is not None
    assert vacation.leaving.is_open
    end_vacation(vacation, actor=SYSTEM)
    vacation.leaving.refresh_from_db()
    assert not vacation.leaving.is_open
    assert archived() == {"OLD"}


def test_starting_and_ending_twice_does_nothing_more(shop: Merchant, skus) -> None:
    vacation = now_on_vacation(shop)
    assert start_vacation(vacation, actor=SYSTEM) is None
    end_vacation(vacation, actor=SYSTEM)
    with pytest.raises(StateConflict, match="not on"):
        end_vacation(vacation, actor=SYSTEM)
    assert Operation.objects.count() == 2


def test_sku_opened_by_hand_meanwhile_is_counted_and_left_alone(
    shop: Merchant, skus, client_for: Callable[..., Client]
) -> None:
    vacation = now_on_vacation(shop)
    Listing.objects.filter(pk=skus["OPEN-2"].pk).update(archived_target=False)
    assert "1 SKU can be bought all the same." in client_for("owner").get(page(shop)).content.decode()
    end_vacation(vacation, actor=SYSTEM)
    vacation.refresh_from_db()
    assert vacation.returning is not None
    assert vacation.returning.total == 1


def test_sku_that_a_large_vacation_has_not_come_to_is_not_called_open(
    shop: Merchant, skus, monkeypatch: pytest.MonkeyPatch, client_for: Callable[..., Client]
) -> None:
    monkeypatch.setattr(sending, "PREPARED_AT_ONCE", 1)
    now_on_vacation(shop)
    assert archived() == {"OLD"}, "the job does it"
    html = client_for("owner").get(page(shop)).content.decode()
    assert "can be bought all the same" not in html


def test_second_vacation_and_wrong_times_are_refused(shop: Merchant, skus) -> None:
    now = timezone.now()
    for starts_at, ends_at, words in (
        (now - timedelta(days=1), None, "past"),
        (now + timedelta(days=2), now + timedelta(days=1), "before it begins"),
        (None, now - timedelta(minutes=1), "before it begins"),
    ):
        with pytest.raises(InvalidInput, match=words):
            plan_vacation(shop, starts_at=starts_at, ends_at=ends_at, actor=SYSTEM)
    plan_vacation(shop, starts_at=now + timedelta(days=1), ends_at=None, actor=SYSTEM)
    with pytest.raises(StateConflict, match="planned or on already"):
        plan_vacation(shop, starts_at=None, ends_at=None, actor=SYSTEM)
    assert archived() == {"OLD"}


def test_plan_is_taken_back(shop: Merchant, skus, client_for: Callable[..., Client]) -> None:
    plan_vacation(shop, starts_at=timezone.now() + timedelta(days=1), ends_at=None, actor=SYSTEM)
    client = client_for("owner")
    assert "Vacation planned" in client.get(reverse("panel:home", args=[shop.slug])).content.decode()
    client.post(page(shop, "vacation-end"))
    assert Vacation.objects.get().state == VacationState.CANCELLED
    assert archived() == {"OLD"}


def test_vacation_of_another_merchant_is_not_ended(shop: Merchant, skus, client_for) -> None:
    now_on_vacation(shop)
    other = factories.make_merchant(name="Larkspur")
    assert client_for("owner").post(page(other, "vacation-end")).status_code == 404
    assert Vacation.objects.get().state == VacationState.ON


def test_store_without_keys_cannot_go_on_vacation_and_is_led_to_them(
    shop: Merchant, skus: dict[str, Listing], client_for: Callable[..., Client]
) -> None:
    JetAccount.objects.update(api_user="", api_secret="")
    client = client_for("owner")
    for starts_at in ("", "2100-01-01T10:00"):
        answer = client.post(page(shop), {"confirmed": "on", "starts_at": starts_at})
        html = answer.content.decode()
        assert answer.status_code == 422
        assert "has no Jet API keys for Test mode." in html
        assert reverse("panel:account", kwargs={"merchant_slug": shop.slug}) in html
    assert not Vacation.objects.exists()
    assert archived() == {"OLD"}


def test_home_says_how_many_skus_can_still_be_bought(
    shop: Merchant, skus: dict[str, Listing], client_for: Callable[..., Client]
) -> None:
    client, home = client_for("owner"), reverse("panel:home", kwargs={"merchant_slug": shop.slug})

    def told() -> str:
        return " ".join(re.sub(r"<[^>]+>", "", client.get(home).content.decode()).split())

    planned = plan_vacation(shop, starts_at=timezone.now() + timedelta(hours=1), ends_at=None, actor=SYSTEM)
    assert "2 SKUs are archived from" in told()
    start_vacation(planned, actor=SYSTEM)
    assert "2 SKUs can still be bought: Jet has not archived them yet." in told()
    assert f"{Operation.objects.get().title}: 0 of 2 done." in told()
    Listing.objects.update(archived_sent=True)
    assert "Nothing of yours can be bought at Jet." in told()


def test_vacation_tells_when_it_really_began_and_a_plan_how_much_it_archives(
    shop: Merchant, skus: dict[str, Listing], client_for: Callable[..., Client]
) -> None:
    client = client_for("owner")
    start = (timezone.now() + timedelta(hours=1)).astimezone(shop.zone).replace(second=0, microsecond=0)
    given = {"confirmed": "on", "starts_at": f"{start:%Y-%m-%dT%H:%M}"}
    answer = client.post(page(shop), given, follow=True)
    assert f"A vacation from {when_text(start)} is planned." in answer.content.decode()
    assert re.search(r'at_jet=open"><span class="num">2</span>', answer.content.decode())
    planned = Vacation.objects.get()
    assert "-" not in str(planned)

    began = planned.starts_at + timedelta(minutes=4)
    with time_machine.travel(began, tick=False):
        start_vacation(planned, actor=SYSTEM)
        html = re.sub(r"<[^>]+>|\N{NO-BREAK SPACE}", " ", client.get(page(shop)).content.decode())
    assert " ".join(f"Began {when_text(began)} planned for {when_text(start)}".split()) in " ".join(
        html.split()
    )


def test_vacation_is_looked_at_every_five_minutes_at_least() -> None:
    kind = schedule_of("catalog.vacation")
    assert kind is not None
    assert kind.limits[1] == timedelta(minutes=5)
