"""Confirm pages of what is sent to Jet, the one-product buttons, and the page that chooses many products."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from catalog.actions import publish
from catalog.actions.sending import Way, way_for
from catalog.enums import Readiness
from catalog.forms.mass import MOST_TOLD, MassForm
from catalog.listing import NEVER_LIVE
from catalog.models import Listing, Variant
from catalog.pages import page_url
from catalog.queries.errors import causes_in
from catalog.queries.kept import ends_sale
from catalog.queries.stock import get_variant
from catalog.views.sku_list import SkuConfirmPage
from jetsync.actions.saved_view import freeze_selection
from jetsync.exceptions import DomainError
from jetsync.models import Operation, Selection, User
from jetsync.panel.confirm import operation_url
from jetsync.panel.forms import add_words
from jetsync.panel.messages import say, say_error
from jetsync.queries.settings import get_options
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view

Act = Callable[..., Operation]
SHOWN = 12
# Causes named on a page that asks; the list of causes has them all.
CAUSES_SHOWN = 3


class WayForm(forms.Form):
    """Which way the products take; the first choice names what the settings would do."""

    way = forms.ChoiceField(
        label="Way to Jet",
        widget=forms.RadioSelect,
        required=False,
        help_text="Direct calls answer exactly and at once, one product after the other. Files are made for many.",
    )

    def __init__(self, *args: Any, usual: Way, limit: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = "direct calls" if usual == Way.DIRECT else "bulk files"
        field: Any = self.fields["way"]
        field.choices = [
            (str(Way.AUTO), f"As the settings say: {words} (direct calls up to {limit:,} products)"),
            (str(Way.DIRECT), "Direct calls, one by one"),
            (str(Way.FILES), "Bulk files"),
        ]
        field.initial = str(Way.AUTO)


class UploadForm(WayForm):
    """Asks before SKUs that Jet sells may go off sale; where there are none, nothing is asked."""

    may_end_sale = forms.BooleanField(
        label="Jet may hold back what it sells",
        required=False,
        help_text="Sends also the data of SKUs that Jet sells and will not sell as they are now.",
    )

    def __init__(self, *args: Any, sold: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not sold:
            del self.fields["may_end_sale"]


class _PublishPage(SkuConfirmPage):
    """Acts on the frozen selection of the product grid, whose ids are variants."""

    template_name = "catalog/publish/confirm.html"
    form_class: type[forms.BaseForm] | None = WayForm
    dry_run = ""

    right = write_right = Right.PRODUCTS_PUBLISH
    page_key = "products"
    verb = ""
    act: Act

    def get_title(self, target: Selection) -> str:
        return f"{self.verb} {self.count_words(target)}"

    def listings(self, target: Selection) -> QuerySet[Listing]:
        return Listing.objects.filter(merchant=self.request.merchant, variant__in=target.ids)

    def get_form_kwargs(self, target: Selection) -> dict[str, Any]:
        merchant = self.request.merchant
        limit = get_options(merchant).direct_upload_limit
        return {"usual": way_for(merchant, len(target.ids)), "limit": limit}

    def way(self, target: Selection) -> str:
        if way_for(self.request.merchant, len(target.ids)) == Way.FILES:
            limit = get_options(self.request.merchant).direct_upload_limit
            return f"They are sent as bulk files, because they are more than {limit}. Each error is brought to its SKU."
        return "They are sent one by one by direct calls, so every answer is exact."

    def extra_context(self, target: Selection) -> dict[str, Any]:
        if not self.dry_run or not target.pk:
            return {}
        url = page_url(self.request.merchant, "dry-run")
        return {"dry_run_url": f"{url}?selection={target.pk}&do={self.dry_run}"}

    def perform(self, target: Selection, form: Any) -> str:
        way = Way(form.cleaned_data["way"] or Way.AUTO) if form is not None else Way.AUTO
        extra: dict[str, Any] = {"way": way} if form is not None else {}
        if form is not None and form.cleaned_data.get("may_end_sale"):
            extra["may_end_sale"] = True
        operation = type(self).act(self.request.merchant, target.ids, actor=self.request.actor, **extra)
        say(self.request, "success", f"Started: {operation.title}.")
        return operation_url(operation)


class _WithChildren(_PublishPage):
    """Archiving takes the children of parents along; the page says how many."""

    def children(self, target: Selection) -> list[str]:
        count = len(publish.followed(self.request.merchant, target.ids)) - len(set(target.ids))
        if not count:
            return []
        what = "child follows its parent" if count == 1 else "children follow their parents"
        return [
            f"{count:,} {what}, because the settings say so: {count + len(set(target.ids)):,} SKUs in all."
        ]


class UploadPage(_PublishPage):
    form_class = UploadForm
    dry_run = "upload"
    verb, confirm_label, act = "Upload", "Upload to Jet", staticmethod(publish.upload)

    def get_consequences(self, target: Selection) -> Sequence[str]:
        rows = self.listings(target)
        unready = rows.filter(readiness=Readiness.NOT_READY).count()
        never = rows.filter(readiness=Readiness.NEVER_LIVE).count()
        texts = [
            "Product data, price, quantity, variation group and exceptions are sent, in this order.",
            self.way(target),
        ]
        if unready:
            texts.append(f"{unready:,} are not ready. They are left out with the reason; the others go on.")
        if never:
            causes = ", ".join(
                f"{cause} ({skus:,})" for cause, skus in causes_in(rows, NEVER_LIVE)[:CAUSES_SHOWN]
            )
            texts.append(f"{never:,} are taken by Jet but will not go live as they are: {causes}.")
        if sold := ends_sale(rows).count():
            them = (
                "is sold by Jet as it was sent. It is"
                if sold == 1
                else "are sold by Jet as they were sent. They are"
            )
            texts.append(
                f"{sold:,} of these {them} left out, unless you tick below that Jet may hold it back."
            )
        return texts

    def get_form_kwargs(self, target: Selection) -> dict[str, Any]:
        return {**super().get_form_kwargs(target), "sold": ends_sale(self.listings(target)).count()}


class ArchivePage(_WithChildren):
    dry_run = "archive"
    verb, confirm_label, danger, act = "Archive", "Archive at Jet", True, staticmethod(publish.archive)

    def get_consequences(self, target: Selection) -> Sequence[str]:
        return [
            "Shoppers can no longer buy them and their quantity at Jet becomes 0.",
            *self.children(target),
            self.way(target),
            "You can undo this from the operation's page.",
        ]


class UnarchivePage(_WithChildren):
    dry_run = "unarchive"
    verb, confirm_label, act = "Un-archive", "Un-archive at Jet", staticmethod(publish.unarchive)

    def get_consequences(self, target: Selection) -> Sequence[str]:
        return [
            "They are opened at Jet and listed again once Jet has their quantities.",
            "Products that are not archived are left out.",
            *self.children(target),
            self.way(target),
        ]


class SyncPage(_PublishPage):
    dry_run = "sync"
    verb, confirm_label, act = "Send price and quantity of", "Send now", staticmethod(publish.sync)

    def get_consequences(self, target: Selection) -> Sequence[str]:
        return ["Only price and quantity are sent. Other changes need an upload.", self.way(target)]


class StatusPage(_PublishPage):
    form_class = None
    verb, confirm_label, act = "Read the status of", "Read from Jet", staticmethod(publish.read_status)

    def get_consequences(self, target: Selection) -> Sequence[str]:  # noqa: ARG002 -- hook
        return ["Nothing is changed at Jet. Status, price and quantity are read and shown beside yours."]


_ONE: dict[str, tuple[Act, str]] = {
    "upload": (publish.upload, "is being sent to Jet"),
    "everything": (publish.upload, "is being synced with Jet: product data, images, price and quantity"),
    "sync": (publish.sync, "price and quantity are being sent"),
    "archive": (publish.archive, "is being archived at Jet"),
    "unarchive": (publish.unarchive, "is being opened at Jet again"),
    "status": (publish.read_status, "status is being read"),
}


@require_POST
@merchant_view(Right.PRODUCTS_PUBLISH)
def publish_one(request: MerchantRequest, pk: int) -> HttpResponse:
    """The buttons of the product page; `do` names the act."""
    variant = get_variant(request.merchant, pk)
    chosen = _ONE.get(request.POST.get("do", ""))
    back = HttpResponseRedirect(_product_url(request, variant))
    if chosen is None:
        say(request, "error", f"{variant.sku}: choose what to do with it.")
        return back
    act, words = chosen
    mine, user = Listing.objects.filter(merchant=request.merchant, variant=variant), request.actor.user
    if act is publish.upload and user is not None and ends_sale(mine).exists():
        return HttpResponseRedirect(_asking_url(request, variant, user))
    try:
        operation = act(request.merchant, [variant.pk], actor=request.actor)
    except DomainError as error:
        say_error(request, error)
        return back
    others = operation.total - 1
    along = f" {others:,} of its children {'goes' if others == 1 else 'go'} with it." if others > 0 else ""
    say(request, "success", f"{variant.sku} {words}.{along}")
    return HttpResponseRedirect(operation_url(operation))


def _asking_url(request: MerchantRequest, variant: Variant, user: User) -> str:
    """The page that says what an upload of this SKU would do to its sale."""
    frozen = freeze_selection(
        request.merchant, "products", user=user, ids=[variant.pk], description=variant.sku
    )
    return f"{page_url(request.merchant, 'publish-upload')}?selection={frozen.pk}"


def _product_url(request: MerchantRequest, variant: Variant) -> str:
    return reverse(
        "catalog:product-detail", kwargs={"merchant_slug": request.merchant.slug, "pk": variant.product_id}
    )


@merchant_view(Right.PRODUCTS_PUBLISH)
def mass_upload(request: MerchantRequest) -> HttpResponse:
    """All products, chosen ones, all but the chosen, or whole categories; the count is shown before anything is sent."""
    data = request.POST if request.method == "POST" else None
    form = MassForm(data, merchant=request.merchant)
    user = request.actor.user
    if data is not None and user is not None and form.is_valid():
        try:
            ids, words = form.chosen()
        except DomainError as error:
            unknown = form.unknown()  # of the typed names, which a field with an error keeps no longer
            where = "skus" if error.fields else None
            add_words(form, where, f"{error.message} {error.hint}".strip(), error.code)
            if unknown:
                more = f" and {len(unknown) - MOST_TOLD:,} more" if len(unknown) > MOST_TOLD else ""
                words = (
                    f"Unknown: {', '.join(unknown[:MOST_TOLD])}{more}. Correct them, or tick the box below."
                )
                form.add_error("skus", words)
                form.ask_to_go_on()
        else:
            frozen = freeze_selection(request.merchant, "products", user=user, ids=ids, description=words)
            name = f"publish-{form.cleaned_data['do']}"
            return HttpResponseRedirect(f"{page_url(request.merchant, name)}?selection={frozen.pk}")
    context = {"form": form}
    return render(request, "catalog/publish/mass.html", context, status=400 if form.errors else 200)
