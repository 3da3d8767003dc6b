"""Single rights beyond a role or taken from it: what the page shows and stores, who may, and who else goes by it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from jetsync.actions.merchant import change_role, create_token
from jetsync.actions.people import change_rights
from jetsync.exceptions import NotAllowed, StateConflict
from jetsync.models import LogEntry, Membership, Merchant
from jetsync.tenancy.actor import Actor, member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import ADJUSTABLE, OWNER_ONLY, Right, rights_of
from returns.second_person import members_with
from tests.factories import make_member

At = Callable[..., str]
ANALYST, FULFILMENT = rights_of("analyst"), rights_of("fulfilment")


def seat_of(merchant: Merchant, role: str) -> Membership:
    user = make_member(merchant, role, first_name="Kim", last_name="Packer")
    return Membership.objects.select_related("merchant", "user").get(user=user)


@pytest.fixture
def kim(merchant: Merchant) -> Membership:
    return seat_of(merchant, "fulfilment")


def stored(seat: Membership) -> tuple[list[str], list[str]]:
    row = Membership.objects.get(pk=seat.pk)
    return row.granted, row.withheld


def shown(html: str) -> dict[str, str]:
    """Right -> the choice that its input stands at."""
    inputs = re.findall(r'<select name="([a-z.]+)".*?</select>', html, re.DOTALL)
    chosen = re.findall(r'<select name="([a-z.]+)".*?value="([^"]+)" selected', html, re.DOTALL)
    assert len(inputs) == len(chosen)
    return dict(chosen)


def save(client: Client, page: str, **changes: str) -> Any:
    """The page's own form with some inputs set to something else."""
    html = client.get(page).content.decode()
    seen = re.search(r'name="seen" value="([^"]*)"', html)[1].replace("&quot;", '"')  # type: ignore[index]  # it is there
    names = {name.replace("__", "."): value for name, value in changes.items()}
    return client.post(page, {"seen": seen, **shown(html), **names}, follow=True)


def test_owner_grants_one_right_and_takes_one_away(
    merchant: Merchant, kim: Membership, client: Client, at: At
) -> None:
    page = at("panel:member", pk=kim.pk)
    assert set(shown(client.get(page).content.decode())) == ADJUSTABLE
    done = save(client, page, refunds__create="granted", buyers__view="taken away").content.decode()
    assert "The rights of Kim Packer were changed. They count from now on, also for API tokens." in done
    assert {name: word for name, word in shown(done).items() if word != "by the role"} == {
        "refunds.create": "granted",
        "buyers.view": "taken away",
    }
    assert stored(kim) == (["refunds.create"], ["buyers.view"])
    with merchant_scope(merchant):
        row = LogEntry.objects.get(action="jetsync.member.rights_changed")
    assert row.message == (
        "Kim Packer may now: Create refunds; may no longer: See buyers' names and addresses."
    )
    assert (row.old, row.new) == (
        {"role": "fulfilment"},
        {"role": "fulfilment", "granted": ["refunds.create"], "withheld": ["buyers.view"]},
    )

    again = save(client, page).content.decode()
    assert "No right of Kim Packer was changed." in again
    back = save(client, page, refunds__create="by the role", buyers__view="by the role")
    assert back.status_code == 200
    assert stored(kim) == ([], [])


def test_doors_and_tokens_follow_at_once(merchant: Merchant, kim: Membership, actor: Actor, at: At) -> None:
    browser = Client()
    browser.force_login(kim.user)
    with merchant_scope(merchant):
        rights = [Right.ORDERS_VIEW, Right.RETURNS_VIEW]
        _row, secret = create_token(merchant, "labels", rights, actor=member_actor(kim.user, FULFILMENT))
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    orders, returns = f"/api/v1/m/{merchant.slug}/orders/", f"/api/v1/m/{merchant.slug}/returns/"

    def opens() -> list[int]:
        doors = [(browser, at("orders:order-list")), (program, orders), (program, returns)]
        return [client.get(url).status_code for client, url in doors]

    assert opens() == [200, 200, 200]
    with merchant_scope(merchant):
        change_rights(kim, granted=[], withheld=[Right.ORDERS_VIEW], actor=actor)
    assert opens() == [403, 403, 200]
    with merchant_scope(merchant):
        change_rights(kim, granted=[], withheld=[], actor=actor)
    assert opens() == [200, 200, 200]


def test_who_may_not_see_an_area_may_do_nothing_in_it(kim: Membership, client: Client, at: At) -> None:
    kim.withheld = ["orders.view"]
    kim.save()
    dead = {Right.ORDERS_VIEW, Right.ORDERS_FETCH, Right.ORDERS_ACKNOWLEDGE, Right.ORDERS_SHIP}
    assert kim.rights == FULFILMENT - dead
    html = client.get(at("panel:member", pk=kim.pk)).content.decode()
    assert html.count("Needs “See orders”.") == 3


def test_a_grant_that_is_good_for_nothing_is_refused_and_nothing_typed_is_lost(
    kim: Membership, client: Client, at: At
) -> None:
    page = at("panel:member", pk=kim.pk)
    refused = save(client, page, settings__edit="granted", buyers__view="taken away")
    html = refused.content.decode()
    assert (refused.status_code, stored(kim)) == (400, ([], []))
    assert "Grant “See settings”, too." in html
    assert {name: word for name, word in shown(html).items() if word != "by the role"} == {
        "settings.edit": "granted",
        "buyers.view": "taken away",
    }
    assert save(client, page, settings__edit="granted", settings__view="granted").status_code == 200
    assert stored(kim) == (["settings.edit", "settings.view"], [])


def test_change_of_another_owner_meanwhile_is_not_overwritten(
    kim: Membership, client: Client, actor: Actor, at: At
) -> None:
    page = at("panel:member", pk=kim.pk)
    html = client.get(page).content.decode()
    seen = re.search(r'name="seen" value="([^"]*)"', html)[1].replace("&quot;", '"')  # type: ignore[index]  # it is there
    with merchant_scope(kim.merchant):
        change_rights(kim, granted=[Right.REFUNDS_CREATE], withheld=[], actor=actor)
    client.post(page, {"seen": seen, **shown(html), "buyers.view": "taken away"})
    assert stored(kim) == (["refunds.create"], ["buyers.view"])


@pytest.mark.parametrize("right", sorted(OWNER_ONLY))
def test_rights_of_owners_are_never_granted(
    scoped: Merchant, kim: Membership, actor: Actor, right: Right
) -> None:
    with pytest.raises(NotAllowed, match="This comes with the role alone"):
        change_rights(kim, granted=[right], withheld=[], actor=actor)
    kim.granted = [right.value]
    assert kim.rights == FULFILMENT
    assert not LogEntry.objects.exists()


def test_nobody_grants_more_than_he_may_himself(scoped: Merchant, kim: Membership, owner: Any) -> None:
    less = member_actor(owner, rights_of("owner") - {Right.REFUNDS_CREATE})
    with pytest.raises(NotAllowed, match="You cannot grant what you may not do yourself: Create refunds"):
        change_rights(kim, granted=[Right.REFUNDS_CREATE], withheld=[], actor=less)
    assert stored(kim) == ([], [])


def test_nothing_is_taken_from_an_owner(merchant: Merchant, actor: Actor, client: Client, at: At) -> None:
    other = seat_of(merchant, "owner")
    page = at("panel:member", pk=other.pk)
    html = client.get(page).content.decode()
    assert shown(html) == {}
    assert "An owner holds every right" in html
    refused = client.post(page, {"orders.view": "taken away"})
    assert refused.status_code == 400
    assert "Kim Packer is an owner and holds every right." in refused.content.decode()
    other.withheld = ["orders.view"]
    assert other.rights == frozenset(Right)


def test_managers_see_it_and_change_nothing(
    client_for: Callable[..., Client], kim: Membership, at: At
) -> None:
    kim.granted = ["refunds.create"]
    kim.save()
    manager, page = client_for("manager"), at("panel:member", pk=kim.pk)
    html = manager.get(page).content.decode()
    assert (shown(html), "Granted" in html) == ({}, True)
    assert manager.post(page, {"buyers.view": "taken away"}).status_code == 403
    assert stored(kim) == (["refunds.create"], [])


def test_new_role_ends_what_was_granted_and_keeps_what_was_taken(
    scoped: Merchant, kim: Membership, actor: Actor
) -> None:
    change_rights(kim, granted=[Right.REFUNDS_CREATE], withheld=[Right.BUYERS_VIEW], actor=actor)
    seat = Membership.objects.get(pk=kim.pk)
    change_role(seat, "analyst", actor=actor)
    assert (stored(kim), seat.rights) == (([], ["buyers.view"]), ANALYST)
    change_role(seat, "manager", actor=actor)
    assert seat.rights == rights_of("manager") - {Right.BUYERS_VIEW}
    change_role(seat, "owner", actor=actor)
    assert (stored(kim), seat.rights) == (([], []), frozenset(Right))
    first = LogEntry.objects.filter(action="jetsync.member.role_changed").earliest("pk")
    assert (first.old, first.new) == (
        {"role": "fulfilment", "granted": ["refunds.create"], "withheld": ["buyers.view"]},
        {"role": "analyst", "withheld": ["buyers.view"]},
    )


def test_right_taken_away_meanwhile_does_not_return_with_a_new_role(
    scoped: Merchant, kim: Membership, actor: Actor
) -> None:
    """The page of members was opened before the right was taken."""
    read_before = Membership.objects.get(pk=kim.pk)
    change_rights(kim, granted=[Right.REFUNDS_CREATE], withheld=[Right.BUYERS_VIEW], actor=actor)
    assert change_role(read_before, "analyst", actor=actor) == {Right.REFUNDS_CREATE}
    assert (stored(kim), read_before.rights) == (([], ["buyers.view"]), ANALYST)
    assert LogEntry.objects.latest("pk").old == {
        "role": "fulfilment",
        "granted": ["refunds.create"],
        "withheld": ["buyers.view"],
    }


def test_same_role_again_ends_nothing(
    merchant: Merchant, kim: Membership, actor: Actor, client: Client, at: At
) -> None:
    with merchant_scope(merchant):
        change_rights(kim, granted=[Right.REFUNDS_CREATE], withheld=[], actor=actor)
    address = at("panel:member-change", pk=kim.pk)
    same = client.post(address, {"role": "fulfilment"}, follow=True).content.decode()
    assert "Kim Packer has the role Fulfilment already. Nothing was changed." in same
    assert stored(kim) == (["refunds.create"], [])
    with merchant_scope(merchant):
        assert not LogEntry.objects.filter(action="jetsync.member.role_changed").exists()

    other = client.post(address, {"role": "analyst"}, follow=True).content.decode()
    assert "Kim Packer is now Analyst (read only). No longer granted: Create refunds." in other
    assert stored(kim) == ([], [])


def test_role_of_a_person_who_was_removed_meanwhile_is_refused(
    scoped: Merchant, kim: Membership, actor: Actor
) -> None:
    Membership.objects.get(pk=kim.pk).delete()
    with pytest.raises(StateConflict, match="Kim Packer is no member any more"):
        change_role(kim, "analyst", actor=actor)
    assert not LogEntry.objects.exists()


def test_second_person_is_whoever_holds_the_right(scoped: Merchant, kim: Membership, actor: Actor) -> None:
    analyst = seat_of(scoped, "analyst")
    change_rights(kim, granted=[], withheld=[Right.RETURNS_SETTLE], actor=actor)
    change_rights(analyst, granted=[Right.RETURNS_SETTLE], withheld=[], actor=actor)
    assert set(members_with(scoped, Right.RETURNS_SETTLE).exclude(role="owner")) == {analyst}
