"""Fulfilment nodes and return locations: made here only, as in Jet's portal."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from jetsync.sandbox.models.account import MerchantAccount, Node, ReturnLocation
from jetsync.sandbox.portal.forms import NodeForm, PlaceForm
from jetsync.sandbox.portal.pages import act, go, page, show


@page
def nodes(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    return _nodes(request, account, NodeForm())


@act
def add_node(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    form = NodeForm(request.POST)
    if not form.is_valid():
        return _nodes(request, account, form, status=400)
    node = Node.objects.create(merchant=account, **form.cleaned_data)
    messages.success(request, f"Node {node.name} was created. Its id is {node.node_id}.")
    return go(account, "nodes")


@page
def return_locations(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    return _locations(request, account, PlaceForm())


@act
def add_return_location(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return _locations(request, account, form, status=400)
    place = ReturnLocation.objects.create(merchant=account, **form.cleaned_data)
    messages.success(request, f"Return location {place.name} was created. Its id is {place.location_id}.")
    return go(account, "return-locations")


def _nodes(request: HttpRequest, account: MerchantAccount, form: NodeForm, status: int = 200) -> HttpResponse:
    return show(request, account, "nodes", status, places=account.nodes.all(), form=form)


def _locations(
    request: HttpRequest, account: MerchantAccount, form: PlaceForm, status: int = 200
) -> HttpResponse:
    return show(
        request, account, "return_locations", status, places=account.return_locations.all(), form=form
    )
