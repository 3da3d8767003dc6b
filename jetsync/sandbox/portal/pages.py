"""What every page of the portal shares: finding the account, showing a page, answering a form.

There is no login. The server listens on loopback, says on every page that it is a sandbox, and holds nothing real.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, set_urlconf
from django.views.decorators.http import require_GET, require_POST

from jetsync.sandbox import processing
from jetsync.sandbox.clock import now
from jetsync.sandbox.faults import BadFault
from jetsync.sandbox.marketplace.body import Refused
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.switches import UnknownSwitch

PAGE_SIZE = 50
# (group, ((page, title), ...)); a detail page lights up the entry named in DETAIL_OF.
NAVIGATION = (
    ("Account", (("overview", "Overview"), ("keys", "API keys"), ("nodes", "Fulfilment nodes"),
                 ("return-locations", "Return locations"))),
    ("Trade", (("products", "Products"), ("orders", "Orders"), ("returns", "Returns"), ("refunds", "Refunds"),
               ("settlement", "Settlement"))),
    ("Generators", (("order-generator", "Order generator"), ("return-generator", "Return generator"))),
    ("Sandbox", (("faults", "Fault board"), ("clock", "Clock"), ("switches", "Switches"))),
)  # fmt: skip
DETAIL_OF = {
    "product": "products",
    "order": "orders",
    "return": "returns",
    "report": "settlement",
    "keys-reveal": "keys",
    "node-add": "nodes",
    "return-location-add": "return-locations",
    "order-generate": "order-generator",
    "order-shoppers": "order-generator",
    "return-generate": "return-generator",
    "fault-add": "faults",
    "clock-advance": "clock",
    "switches-set": "switches",
}
Listed = TypeVar("Listed", bound=Model)
View = Callable[..., HttpResponse]


def with_addresses(view: View) -> View:
    """Build links from the portal's addresses only. Django sets its own again when the next request starts."""

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> HttpResponse:
        set_urlconf("jetsync.sandbox.portal.addresses")
        return view(*args, **kwargs)

    return answer


def page(view: View) -> View:
    """A GET page of one account; what is due happens first, so that the page shows the present."""

    @require_GET
    @with_addresses
    @wraps(view)
    def answer(request: HttpRequest, merchant_id: str, mode: str, **kwargs: Any) -> HttpResponse:
        processing.run_lazily()
        return view(request, get_account(merchant_id, mode), **kwargs)

    return answer


def act(view: View) -> View:
    """A POST in one transaction. A refusal becomes a message on the page the form stood on."""

    @require_POST
    @with_addresses
    @wraps(view)
    def answer(request: HttpRequest, merchant_id: str, mode: str, **kwargs: Any) -> HttpResponse:
        account = get_account(merchant_id, mode)
        try:
            with transaction.atomic():
                return view(request, account, **kwargs)
        except Refused as refusal:
            messages.error(request, " ".join(refusal.errors))
        except (BadFault, UnknownSwitch) as error:
            messages.error(request, str(error))
        return redirect(_came_from(request, account))

    return answer


def get_account(merchant_id: str, mode: str) -> MerchantAccount:
    return get_object_or_404(MerchantAccount, merchant_id=merchant_id, mode=mode)


def show(
    request: HttpRequest, account: MerchantAccount, template: str, code: int = 200, **context: Any
) -> HttpResponse:
    """Render `sandbox/<template>.html` with what the frame of the page needs."""
    frame = {
        "account": account,
        "accounts": MerchantAccount.objects.order_by("name", "mode"),
        "sandbox_time": now(),
        "navigation": _navigation(request, account),
    }
    response = render(request, f"sandbox/{template}.html", frame | context, status=code)
    # Keys, and counters that change by themselves: nothing here is worth keeping.
    response["Cache-Control"] = "no-store"
    return response


def address(account: MerchantAccount, name: str, **parts: Any) -> str:
    """The address of a page of an account."""
    return reverse(
        f"portal:{name}", kwargs={"merchant_id": account.merchant_id, "mode": account.mode, **parts}
    )


def go(account: MerchantAccount, name: str, **parts: Any) -> HttpResponse:
    return redirect(address(account, name, **parts))


def paged(request: HttpRequest, rows: QuerySet[Listed]) -> Page[Listed]:
    """The page of the list the query asks for; a wrong number shows the nearest one."""
    return Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))


def one_line(errors: Any) -> str:
    """A form's errors as one sentence per field, for forms that stand beside a list."""
    return " ".join(f"{field}: {' '.join(texts)}" for field, texts in errors.items())


def _navigation(
    request: HttpRequest, account: MerchantAccount
) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    name = (request.resolver_match.url_name if request.resolver_match else "") or ""
    here = DETAIL_OF.get(name, name)
    return [
        (group, [(address(account, target), title, target == here) for target, title in entries])
        for group, entries in NAVIGATION
    ]


def _came_from(request: HttpRequest, account: MerchantAccount) -> str:
    """The portal page the form stood on, never an address outside."""
    name = request.POST.get("back", "")
    known = {
        "orders",
        "order-generator",
        "returns",
        "return-generator",
        "refunds",
        "faults",
        "clock",
        "switches",
    }
    if name in known:
        return address(account, name)
    order_id = request.POST.get("back_order", "")
    if order_id.isalnum():
        return address(account, "order", order_id=order_id)
    return address(account, "overview")
