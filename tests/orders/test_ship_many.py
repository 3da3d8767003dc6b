"""Shipping many orders at once: an operation that ships each parcel once, its pages and its API."""

from __future__ import annotations

import csv
import io
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jetsync.actions.operation import cancel_operation, retry_failed
from jetsync.enums import JobState, RowState
from jetsync.models import Operation, OperationRow
from jetsync.sync.runner import run_job
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import merchant_scope
from orders.actions.ship_many import ship_many, ship_row
from orders.enums import ShipmentState
from orders.models import Shipment
from orders.parcels import ParcelRow
from orders.sync import ship_many as sync
from tests.orders.desk import last_job, make_due
from tests.orders.pages import page, text_of
from tests.orders.rows import line

pytestmark = pytest.mark.django_db

UPS = "1Z5R89390357567127"
USPS = "9400111206206406260787"


def ends(operation: Operation) -> list[tuple[str, str]]:
    rows = OperationRow.objects.filter(operation=operation).order_by("pk")
    return list(rows.values_list("state", "code"))


@pytest.mark.feature("SHP-07", "SHP-14")
def test_list_is_shipped_row_by_row_and_once(desk, actor) -> None:
    desk.sku("KETTLE-1", quantity=20)
    whole, part = desk.acknowledged(("KETTLE-1", 1, 0)), desk.acknowledged(("KETTLE-1", 3, 0))
    rows = [
        ParcelRow(1, order=str(whole), tracking=UPS),
        ParcelRow(2, order="nobody", tracking="A-2"),
        ParcelRow(3, order=str(part), sku="KETTLE-1", quantity="2", tracking=USPS),
    ]

    operation = ship_many(desk.merchant, rows, actor=actor)
    assert ends(operation) == [
        (RowState.WAITING, ""),
        (RowState.FAILED, "not_shippable"),
        (RowState.WAITING, ""),
    ]
    desk.drain()

    operation.refresh_from_db()
    assert (operation.title, operation.done, operation.failed, operation.is_open) == (
        "Ship 3 parcels",
        2,
        1,
        False,
    )
    assert (desk.reload(whole).state, desk.reload(part).state) == ("complete", "inprogress")
    (told,) = desk.at_jet(part)["shipments"]
    assert (told["carrier"], told["shipment_tracking_number"]) == ("USPS", USPS)

    again = ship_many(desk.merchant, rows, actor=actor)
    desk.drain()
    assert ends(again) == [
        (RowState.SKIPPED, "already_shipped"),
        (RowState.FAILED, "not_shippable"),
        (RowState.SKIPPED, "already_shipped"),
    ]
    assert Shipment.objects.count() == 2


def test_two_lists_at_once_ship_a_parcel_once(desk, actor) -> None:
    """Both were judged before either was shipped; half of the pieces each would still have been left for the second."""
    desk.sku("KETTLE-1", quantity=20)
    order = desk.acknowledged(("KETTLE-1", 2, 0))
    row = ParcelRow(1, order=str(order), quantity="1", tracking=UPS)

    first, second = (ship_many(desk.merchant, [row], actor=actor) for _ in range(2))
    desk.drain()

    assert (ends(first), ends(second)) == ([(RowState.DONE, "")], [(RowState.SKIPPED, "already_shipped")])
    assert Shipment.objects.count() == 1


def test_lost_answer_of_jet_ships_no_parcel_twice(desk, actor) -> None:
    desk.sku("KETTLE-1", quantity=20)
    order = desk.acknowledged(("KETTLE-1", 1, 0))
    desk.lose_answer(f"/orders/{order.merchant_order_id}/shipped")

    operation = ship_many(desk.merchant, [ParcelRow(1, order=str(order), tracking=UPS)], actor=actor)
    desk.drain()
    make_due(last_job("orders.ship"))
    desk.drain()

    assert ends(operation) == [(RowState.DONE, "")]
    assert len(desk.at_jet(order)["shipments"]) == 1


def test_cancelled_list_gives_its_pieces_back(desk, actor) -> None:
    desk.sku("KETTLE-1", quantity=20)
    order = desk.acknowledged(("KETTLE-1", 1, 0))
    operation = ship_many(desk.merchant, [ParcelRow(1, order=str(order), tracking=UPS)], actor=actor)
    desk.run(last_job("orders.ship_many"))
    assert Shipment.objects.get().state == ShipmentState.QUEUED

    cancel_operation(operation, actor=actor)

    operation.refresh_from_db()
    assert (ends(operation), operation.state) == ([(RowState.CANCELLED, "")], "cancelled")
    assert Shipment.objects.get().state == ShipmentState.REFUSED
    assert ends(ship_many(desk.merchant, [ParcelRow(1, order=str(order), tracking=UPS)], actor=actor)) == [
        (RowState.WAITING, "")
    ]


def test_list_whose_job_gives_up_leaves_to_their_jobs_what_is_on_its_way(
    merchant, order_of, actor, monkeypatch
) -> None:
    first, second = (order_of(line(), status="acknowledged") for _ in range(2))
    rows = [ParcelRow(1, order=str(first), tracking=UPS), ParcelRow(2, order=str(second), tracking=USPS)]

    def crash(operation: Operation, pk: int, *, actor: Actor) -> None:
        if Shipment.objects.exists():
            raise RuntimeError("a bug")
        ship_row(operation, pk, actor=actor)

    monkeypatch.setattr(sync, "ship_row", crash)
    with merchant_scope(merchant):
        operation = ship_many(merchant, rows, actor=actor)
        run_job(last_job("orders.ship_many").pk)
        assert last_job("orders.ship_many").state == JobState.FAILED
        assert [state for state, _code in ends(operation)] == [RowState.SENT, RowState.FAILED]
        assert (Shipment.objects.get().order_id, Shipment.objects.get().state) == (first.pk, "queued")
        operation.refresh_from_db()
        assert operation.is_open


def test_failed_rows_are_tried_again_and_downloaded_as_they_were_given(
    merchant, order_of, client_for, actor
) -> None:
    ready = order_of(line(quantity=2))
    with merchant_scope(merchant):
        row = ParcelRow(7, order=str(ready), sku="KETTLE-1", quantity="1", carrier="ups", tracking=UPS)
        operation = ship_many(merchant, [row], actor=actor)

    answer = client_for("owner").get(f"/m/{merchant.slug}/operations/{operation.pk}/failed.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    (failed,) = csv.DictReader(io.StringIO(text))
    assert (failed["order"], failed["sku"], failed["tracking number"], failed["line"]) == (
        str(ready),
        "KETTLE-1",
        UPS,
        "7",
    )
    assert "only acknowledged orders can be shipped" in failed["message"]
    with merchant_scope(merchant):
        ready.state = "acknowledged"
        ready.save(update_fields=["state"])
        again = retry_failed(operation, actor=actor)
        assert ends(again) == [(RowState.WAITING, "")]


@pytest.mark.feature("SHP-13")
def test_chosen_orders_are_scanned_looked_through_and_shipped(merchant, order_of, client_for) -> None:
    first, second = order_of(status="acknowledged"), order_of(line("CUP-2"), status="acknowledged")
    waiting = order_of()
    client = client_for("fulfilment")
    ticked = {"bulk": "ship", "ids": [first.pk, second.pk, waiting.pk]}
    entry = client.post(page(merchant, "order-list"), ticked, follow=True)
    html = entry.content.decode()
    assert f'name="tracking-{first.pk}"' in html
    assert f'name="tracking-{waiting.pk}"' not in html
    assert "2 of 3 chosen orders stand here" in html
    address = entry.redirect_chain[-1][0]

    typed = {f"tracking-{first.pk}": UPS, f"carrier-{first.pk}": "", "stage": "check"}
    looked = client.post(address, typed)
    html = looked.content.decode()
    assert "1 to be shipped, 0 cannot be, 0 shipped before" in html
    assert "1 without a tracking number left out." in html
    assert "guessed from the number" in html
    with merchant_scope(merchant):
        assert not Shipment.objects.exists()
        rows = looked.context["form"]["rows"].value()

    sent = client.post(page(merchant, "order-ship-many"), {"rows": rows, "stage": "ship"})
    with merchant_scope(merchant):
        operation = Operation.objects.get(kind="orders.ship_many")
        assert sent.status_code == 302
        assert sent.url.endswith(f"/operations/{operation.pk}/")
        assert operation.actor_label


def test_wrong_number_among_the_scanned_ones_marks_its_own_row_alone(merchant, order_of, client_for) -> None:
    """A label of something else was scanned: longer than any tracking number. The other orders can be shipped."""
    first, second = order_of(status="acknowledged"), order_of(line("CUP-2"), status="acknowledged")
    client = client_for("fulfilment")
    ticked = {"bulk": "ship", "ids": [first.pk, second.pk]}
    address = client.post(page(merchant, "order-list"), ticked, follow=True).redirect_chain[-1][0]

    typed = {f"tracking-{first.pk}": "[)>" + "06" * 60, f"tracking-{second.pk}": UPS, "stage": "check"}
    looked = client.post(address, typed)

    assert looked.status_code == 200
    html = looked.content.decode()
    assert "1 to be shipped, 1 cannot be, 0 shipped before" in html
    assert "The tracking number has more than 100 characters." in html
    assert 'aria-invalid="true"' not in html
    sent = client.post(
        page(merchant, "order-ship-many"), {"rows": looked.context["form"]["rows"].value(), "stage": "ship"}
    )
    assert sent.status_code == 302
    with merchant_scope(merchant):
        assert sorted(ends(Operation.objects.get(kind="orders.ship_many"))) == [
            (RowState.FAILED, "not_shippable"),
            (RowState.WAITING, ""),
        ]


def test_more_orders_than_one_list_takes_are_refused_with_the_bound(
    merchant, order_of, client_for, monkeypatch
) -> None:
    monkeypatch.setattr("orders.actions.many.MOST_AT_ONCE", 1)
    ticked = {"bulk": "ship", "ids": [order_of(status="acknowledged").pk for _ in range(2)]}
    answer = client_for("owner").post(page(merchant, "order-list"), ticked, follow=True)
    assert answer.status_code == 400
    assert "At most 1 orders can be handled at once; 2 are selected." in answer.content.decode()


def test_rows_that_cannot_be_read_are_refused_alone_also_when_the_list_is_sent(
    merchant, order_of, client_for
) -> None:
    orders = [order_of(status="acknowledged") for _ in range(3)]
    text = f'order,tracking\n{orders[0]},"{UPS}\n{orders[1]},1Z\ufffd5\n{orders[2]},9400111206206406260787\n'
    client, url = client_for("owner"), page(merchant, "order-ship-many")

    shown = client.post(url, {"rows": text, "stage": "check"}).content.decode()
    client.post(url, {"rows": value_of_textarea(shown), "stage": "ship"})

    assert "1 to be shipped, 2 cannot be" in shown
    assert "A quotation mark opens in this row and is not closed." in shown
    assert "holds a character that cannot be read." in shown
    with merchant_scope(merchant):
        ended = OperationRow.objects.order_by("line").values_list("line", "state")
        assert list(ended) == [(2, "failed"), (3, "failed"), (4, "waiting")]


def value_of_textarea(html: str) -> str:
    return unescape(html.split("<textarea", 1)[1].split(">", 1)[1].split("</textarea>", 1)[0])


def test_file_with_a_wrong_row_still_ships_the_others(merchant, order_of, client_for) -> None:
    order = order_of(status="acknowledged")
    file = SimpleUploadedFile("parcels.csv", f"order,tracking\n{order},{UPS}\nnobody,A-1\n".encode())
    html = (
        client_for("owner")
        .post(page(merchant, "order-ship-many"), {"file": file, "stage": "check"})
        .content.decode()
    )
    assert "1 to be shipped, 1 cannot be" in html
    assert "There is no order “nobody”." in html
    assert "Ship 1 parcel" in html


def test_unusable_list_keeps_what_was_pasted(merchant, order_of, client_for) -> None:
    order_of(status="acknowledged")
    response = client_for("owner").post(page(merchant, "order-ship-many"), {"rows": "301755224861"})
    assert response.status_code == 400
    assert "The first row has 1 column and no headings." in response.content.decode()
    assert "301755224861</textarea>" in response.content.decode()


def test_those_who_do_not_ship_see_why_and_cannot(merchant, order_of, client_for) -> None:
    order = order_of(status="acknowledged")
    analyst = client_for("analyst")
    assert "You do not have the right" in text_of(analyst, page(merchant, "order-ship-many"))
    sent = analyst.post(page(merchant, "order-ship-many"), {"rows": f"{order}\t{UPS}", "stage": "ship"})
    assert sent.status_code == 403
    with merchant_scope(merchant):
        assert not Operation.objects.exists()


def test_api_checks_and_ships_a_list(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=2), status="acknowledged")
    body = {
        "parcels": [
            {"order": str(order), "tracking_number": UPS, "quantity": 1, "sku": "KETTLE-1"},
            {"order": "nobody", "tracking_number": "A-1"},
        ]
    }
    client, root = client_for("owner"), f"/api/v1/m/{merchant.slug}/orders/ship/"

    checked = client.post(f"{root}check/", body, content_type="application/json")
    good, bad = checked.json()
    assert (good["status"], good["order"], good["carrier"], good["is_guess"]) == (
        "ready",
        order.pk,
        "UPS",
        True,
    )
    assert (bad["status"], bad["rows"], bad["message"]) == ("wrong", [2], "There is no order “nobody”.")

    sent = client.post(root, body, content_type="application/json")
    assert (sent.status_code, sent.json()["total"], sent.json()["failed"]) == (202, 2, 1)
    refused = client.post(root, {"parcels": []}, content_type="application/json")
    assert refused.status_code == 400
