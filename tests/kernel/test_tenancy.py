"""Three locks: the query, the scope, the write guard; and the address rule 404 before 403."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_scopes.exceptions import ScopeError

from jetsync.actions.merchant import (
    accept_invitation,
    change_role,
    create_merchant,
    create_token,
    find_invitation,
    invite,
    remove_member,
    revoke_token,
    start_support,
)
from jetsync.enums import Role
from jetsync.exceptions import NotAllowed, StateConflict
from jetsync.models import ApiToken, LogEntry, Mail, Membership, Notice, Options, Schedule
from jetsync.tenancy.actor import member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.managers import ForeignTenantWrite, bulk_create
from jetsync.tenancy.rights import Right, rights_of
from tests.factories import make_member, make_merchant, make_user


def test_reads_without_scope_raise(merchant):
    with pytest.raises(ScopeError):
        list(Options.objects.all())


def test_rows_of_another_merchant_are_not_read(merchant):
    other = make_merchant()
    with merchant_scope(other):
        Notice.objects.create(merchant=other, key="x", title="theirs")
    with merchant_scope(merchant):
        Notice.objects.create(merchant=merchant, key="x", title="ours")
        assert [notice.title for notice in Notice.objects.all()] == ["ours"]


def test_rows_of_another_merchant_are_not_written(scoped):
    other = make_merchant()
    with pytest.raises(ForeignTenantWrite):
        Notice.objects.create(merchant=other, key="x", title="smuggled")
    with pytest.raises(ForeignTenantWrite):
        bulk_create(Notice, [Notice(merchant=other, key="x", title="smuggled")])
    with merchant_scope(other):
        assert Notice.objects.count() == 0


def test_a_row_never_changes_its_merchant(scoped):
    other = make_merchant()
    notice = Notice.objects.get(pk=Notice.objects.create(merchant=scoped, key="x", title="ours").pk)
    with merchant_scope(other):
        notice.merchant = other
        with pytest.raises(ForeignTenantWrite):
            notice.save()


def test_new_merchant_has_owner_options_and_schedules(db):
    user = make_user()
    merchant = create_merchant("Harrow & Finch", owner=user)
    second = create_merchant("Harrow & Finch", owner=user)
    assert (merchant.slug, second.slug) == ("harrow-finch", "harrow-finch-2")
    with merchant_scope(merchant):
        assert Options.objects.count() == 1
        assert Schedule.objects.count() > 0


def test_address_taken_by_a_rival_meanwhile_is_passed_over(db, monkeypatch):
    user = make_user()
    first = create_merchant("Harrow & Finch", owner=user)
    answers = [first.slug, "harrow-finch-2"]
    monkeypatch.setattr("jetsync.actions.merchant._free_slug", lambda _name: answers.pop(0))
    assert create_merchant("Harrow & Finch", owner=user).slug == "harrow-finch-2"


def test_invitation_gives_a_seat_once_to_its_address(merchant, owner, mailoutbox):
    actor = member_actor(owner, rights_of("owner"))
    with merchant_scope(merchant):
        invite(merchant, "Kim@Example.com", Role.FULFILMENT, actor=actor)
    token = mailoutbox[0].body.split("/invitations/")[1].split("/")[0]
    stranger, kim = make_user(), make_user("kim@example.com")
    found = find_invitation(token)

    with pytest.raises(NotAllowed):
        accept_invitation(found, user=stranger)
    accept_invitation(found, user=kim)

    assert Membership.objects.get(merchant=merchant, user=kim).role == Role.FULFILMENT
    assert find_invitation(token) is None


def test_the_last_owner_stays(scoped, owner, actor):
    seat = Membership.objects.get(merchant=scoped, user=owner)
    with pytest.raises(StateConflict):
        change_role(seat, Role.ANALYST, actor=actor)
    with pytest.raises(StateConflict):
        remove_member(seat, actor=actor)
    assert Membership.objects.get(pk=seat.pk).role == Role.OWNER


def test_token_can_do_less_than_its_owner_never_more(scoped, client):
    manager = make_member(scoped, Role.MANAGER)
    actor = member_actor(manager, rights_of(Role.MANAGER))
    with pytest.raises(NotAllowed):
        create_token(scoped, "too much", [Right.MEMBERS_MANAGE], actor=actor)
    token, secret = create_token(scoped, "stock script", [Right.ORDERS_VIEW], actor=actor)
    assert secret not in str(ApiToken.objects.values().get(pk=token.pk))

    Membership.objects.filter(user=manager).update(role=Role.OWNER)
    url = f"/api/v1/m/{scoped.slug}/orders/"
    allowed = client.get(url, headers={"Authorization": f"Bearer {secret}"})
    assert allowed.status_code == 200
    other = make_merchant()
    foreign = client.get(url.replace(scoped.slug, other.slug), headers={"Authorization": f"Bearer {secret}"})
    assert foreign.status_code == 401
    revoke_token(token, actor=actor)
    assert client.get(url, headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_removed_member_loses_tokens(scoped, actor):
    member = make_member(scoped, Role.MANAGER)
    token, _secret = create_token(
        scoped, "script", [Right.PRODUCTS_VIEW], actor=member_actor(member, rights_of(Role.MANAGER))
    )
    remove_member(Membership.objects.get(merchant=scoped, user=member), actor=actor)
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_staff_enter_only_by_support_session_and_only_look(merchant, client):
    staff = make_user(is_staff=True)
    client.force_login(staff)
    home = f"/m/{merchant.slug}/"
    assert client.get(home).status_code == 404

    session = start_support(merchant, staff=staff, reason="Order 12 looks odd")

    assert client.get(home).status_code == 200
    assert client.post(f"/m/{merchant.slug}/settings/").status_code == 403
    part = {
        "HX-Request": "true"
    }  # a page that refreshes itself, the numbers of the menu, and another page asked for so
    for address in (home, f"{home}badges/", f"{home}schedules/"):
        assert client.get(address, headers=part).status_code == 200
    with merchant_scope(merchant):
        opened = LogEntry.objects.filter(action="jetsync.support.opened").order_by("pk")
        assert list(opened.values_list("message", flat=True)) == [
            f"Support opened {home}",
            f"Support opened {home}schedules/",
        ]
        assert all("Order 12 looks odd" in entry.actor_label for entry in opened)
    session.expires_at = timezone.now() - timedelta(seconds=1)
    session.save()
    assert client.get(home).status_code == 404


def test_owners_are_told_in_the_bell_and_by_mail_that_support_looks_in(merchant, client_for):
    owner, client = make_member(merchant, "owner"), client_for("owner")

    start_support(merchant, staff=make_user(is_staff=True), reason="Order 12 looks odd")

    with merchant_scope(merchant):
        mail = Mail.objects.get(to=owner.email)
        notice = Notice.objects.get()
    assert mail.subject.endswith("Support looks into your store")
    assert "Order 12 looks odd" in mail.text
    assert "Order 12 looks odd" in notice.body
    assert client.get(notice.url).status_code == 200


def test_staff_without_a_store_begin_in_the_admin(client, db):
    client.force_login(make_user(is_staff=True))
    assert client.get("/").headers["Location"] == "/admin/"
    client.force_login(make_user())
    assert client.get("/").headers["Location"] == "/merchants/new/"


def test_suspended_merchant_is_closed(merchant, client_for):
    browser = client_for("owner")
    assert browser.get(f"/m/{merchant.slug}/").status_code == 200
    merchant.suspended_at = timezone.now()
    merchant.save()
    assert browser.get(f"/m/{merchant.slug}/").status_code == 404


def test_admin_needs_staff_and_a_second_factor(client, db):
    person, staff = make_user(), make_user(is_staff=True, is_superuser=True)
    assert client.get("/admin/").status_code == 302
    client.force_login(person)
    assert client.get("/admin/").status_code == 404
    client.force_login(staff)
    response = client.get("/admin/")
    assert (response.status_code, response.url.split("?")[0]) == (302, "/accounts/2fa/totp/activate/")
