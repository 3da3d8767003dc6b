"""One product: checklist, values with their origins, what Jet has, and the forms that change it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from catalog.enums import ListingStatus, ProductKind
from catalog.forms.attributes import AttributesForm, CategoryForm
from catalog.forms.product import NewProductForm, NewVariantForm
from catalog.forms.sections import (
    DetailsForm,
    IdentifiersForm,
    ImagesForm,
    SectionForm,
    ShippingForm,
    StockForm,
)
from catalog.listing import BLOCKS, HINT, NEVER_LIVE, Gap, ListingResult
from catalog.models import Listing, Variant
from catalog.pages import page_url, section_url, variant_url
from catalog.queries.errors import cause_of_listing
from catalog.queries.listing import listings_of
from catalog.queries.product import (
    facets_of,
    get_product,
    node_id_of,
    options_text,
    title_of,
    variants_of,
)
from catalog.queries.profile import FilledValue, attribute_ids, attribute_names, filled_values
from catalog.queries.shared_codes import Twin, twins_of
from catalog.queries.stock import get_variant
from catalog.queries.taxonomy import jet_paths
from catalog.shared_codes import SHARED_FIX
from catalog.slots import product_cards, product_tabs
from catalog.status_map import KEEPS, shown_readiness
from catalog.status_words import MOVER_WORDS, REVIEW_DAYS, Word, status_word, sub_status_word
from catalog.views.images import images_section
from catalog.views.timeline import product_timeline
from jetsync.models import Merchant
from jetsync.panel.messages import say
from jetsync.tenancy.rights import Right, lack
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted

SECTION_FORMS: dict[str, type[SectionForm]] = {
    "details": DetailsForm,
    "identifiers": IdentifiersForm,
    "stock": StockForm,
    "shipping": ShippingForm,
    "images": ImagesForm,
    "attributes": AttributesForm,
    "category": CategoryForm,
}
LEVEL_WORDS = {BLOCKS: "Needed", NEVER_LIVE: "Needed to go live", HINT: "Worth knowing"}
MOST_SKU = 100


@dataclass(frozen=True)
class ShownGap:
    gap: Gap
    level_word: str
    url: str


@dataclass(frozen=True)
class ShownWord:
    """A status or sub-status of Jet with its explanation."""

    text: str
    word: Word
    mover: str
    url: str = ""


@dataclass(frozen=True)
class SectionTab:
    label: str
    url: str
    is_active: bool
    count: int | None = None


@merchant_view(Right.PRODUCTS_VIEW)
def product_detail(request: MerchantRequest, pk: int) -> HttpResponse:
    """The product with one of its SKUs in front (`?variant=`)."""
    merchant = request.merchant
    product = get_product(merchant, pk)
    variants = variants_of(product)
    wanted = request.GET.get("variant", "")
    variant = next((row for row in variants if str(row.pk) == wanted), variants[0] if variants else None)
    if variant is None:
        raise Http404
    result = listings_of(merchant, [variant.pk])[variant.pk]
    listing = getattr(variant, "listing", None)
    node_id = node_id_of(variant)
    context = {
        "product": product,
        "variant": variant,
        "variants": variants,
        "title": title_of(variant),
        "is_variable": product.kind == ProductKind.VARIABLE,
        "options_text": options_text(variant),
        "listing": listing,
        "cause": cause_of_listing(listing) if listing and listing.error_message else "",
        "readiness": _shown_readiness(result, listing),
        "keeps": KEEPS,
        "gaps": shown_gaps(merchant, variant, result),
        "twins": shown_twins(merchant, variant),
        "shared_fix": SHARED_FIX,
        "values": shown_values(merchant, result),
        "payload": result.payload,
        "facets": facets_of(merchant, variant),
        "status": shown_status(listing),
        "sub_statuses": shown_sub_statuses(merchant, variant, listing),
        "review_days": REVIEW_DAYS,
        "jet_path": jet_paths(merchant, [node_id]).get(node_id or 0, ""),
        "jet_node_id": node_id,
        "timeline": product_timeline(merchant, product, variant, listing),
        "tabs": section_tabs(merchant, variant, ""),
        "cards": product_cards(merchant, variant, request.actor),
        "publish_url": page_url(merchant, "publish-one", pk=variant.pk),
        "may_edit": lack(request.actor, Right.PRODUCTS_EDIT),
        "may_publish": lack(request.actor, Right.PRODUCTS_PUBLISH),
        "upload_reason": _upload_reason(request, result),
    }
    return render(request, "catalog/product_detail.html", context)


def _shown_readiness(result: ListingResult, listing: Listing | None) -> str:
    if listing is None:
        return result.readiness
    return shown_readiness(result.readiness, listing.status, is_dirty=listing.content_dirty)


def section_tabs(merchant: Merchant, variant: Variant, current: str) -> list[SectionTab]:
    """The product's overview, the sections of its editor, and the pages that subjects have registered."""
    tabs = [SectionTab("Overview", variant_url(merchant, variant), not current)]
    tabs += [
        SectionTab(form.section_title, section_url(merchant, variant.pk, name), name == current)
        for name, form in SECTION_FORMS.items()
    ]
    return tabs + [
        SectionTab(
            tab.label,
            page_url(merchant, tab.url_name, pk=variant.pk),
            tab.key == current,
            tab.count(variant) if tab.count else None,
        )
        for tab in product_tabs()
    ]


def _upload_reason(request: MerchantRequest, result: ListingResult) -> str:
    blocking = sum(gap.blocks for gap in result.gaps)
    missing = f"{counted(blocking, 'point')} of the checklist must be filled first."
    return lack(request.actor, Right.PRODUCTS_PUBLISH) or (missing if blocking else "")


def shown_gaps(merchant: Merchant, variant: Variant, result: ListingResult) -> list[ShownGap]:
    return [
        ShownGap(
            gap, LEVEL_WORDS[gap.level], f"{section_url(merchant, variant.pk, gap.section)}#{gap.anchor}"
        )
        for gap in result.gaps
    ]


def shown_twins(merchant: Merchant, variant: Variant) -> list[tuple[Twin, str]]:
    """Other SKUs with the same code, each with the address of its page."""
    return [(twin, variant_url(merchant, twin.variant)) for twin in twins_of(variant)]


def shown_values(merchant: Merchant, result: ListingResult) -> list[FilledValue]:
    """Every value of the message with its origin, lists written out and each attribute by its name."""
    return filled_values(result, attribute_names(merchant, attribute_ids(result)))


def shown_status(listing: Listing | None) -> ShownWord:
    status = ListingStatus(listing.status) if listing else ListingStatus.NOT_UPLOADED
    word = status_word(status)
    return ShownWord(str(status.label), word, MOVER_WORDS[word.mover])


def shown_sub_statuses(merchant: Merchant, variant: Variant, listing: Listing | None) -> list[ShownWord]:
    found = []
    for text in listing.jet_sub_status if listing else ():
        word = sub_status_word(str(text))
        url = section_url(merchant, variant.pk, word.section) if word.section else ""
        found.append(ShownWord(str(text), word, MOVER_WORDS[word.mover], url))
    return found


@merchant_view(Right.PRODUCTS_VIEW, write=Right.PRODUCTS_EDIT)
def variant_edit(request: MerchantRequest, pk: int, section: str) -> HttpResponse:
    """One section of the editor; without the right to edit the same form is shown disabled."""
    if section not in SECTION_FORMS:
        raise Http404
    variant = get_variant(request.merchant, pk)
    data = request.POST if request.method == "POST" else None
    form_class = SECTION_FORMS[section]
    form = form_class(data, variant=variant, read_only=not request.actor.may(Right.PRODUCTS_EDIT))
    if data is not None and form.save(request.actor):
        say(request, "success", f"{variant.sku}: {form.section_title.lower()} saved.")
        return HttpResponseRedirect(variant_url(request.merchant, variant))
    context = {
        "form": form,
        "variant": variant,
        "product": variant.product,
        "section": section,
        "tabs": section_tabs(request.merchant, variant, section),
        "back_url": variant_url(request.merchant, variant),
        "gaps": _gaps_of(variant, section),
        "twins": shown_twins(request.merchant, variant) if section == "identifiers" else (),
        "shared_fix": SHARED_FIX,
        "card": images_section(request, variant) if section == "images" else None,
    }
    return render(
        request, f"catalog/product/{_template(section)}.html", context, status=400 if form.errors else 200
    )


def _template(section: str) -> str:
    return section if section in {"stock", "images", "attributes", "category"} else "section"


def _gaps_of(variant: Variant, section: str) -> list[Gap]:
    """What the checklist says about this section, to read while filling it."""
    listing = getattr(variant, "listing", None)
    gaps = [Gap.from_json(stored) for stored in listing.gaps] if listing else []
    return [gap for gap in gaps if gap.section == section]


@merchant_view(Right.PRODUCTS_EDIT)
def product_create(request: MerchantRequest) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    # An order may name a SKU that the store lacks; its page leads here with it.
    form = NewProductForm(
        data, merchant=request.merchant, initial={"sku": request.GET.get("sku", "")[:MOST_SKU]}
    )
    product = form.save(request.actor) if data is not None else None
    if product is not None:
        say(request, "success", f"“{product.title}” is made. The checklist says what Jet still needs.")
        return HttpResponseRedirect(page_url(request.merchant, "product-detail", pk=product.pk))
    return render(request, "catalog/product/new.html", {"form": form}, status=400 if form.errors else 200)


@merchant_view(Right.PRODUCTS_EDIT)
def variant_create(request: MerchantRequest, pk: int) -> HttpResponse:
    product = get_product(request.merchant, pk)
    data = request.POST if request.method == "POST" else None
    form = NewVariantForm(data, product=product)
    variant = form.save(request.actor) if data is not None else None
    if variant is not None:
        say(request, "success", f"SKU {variant.sku} is added to “{product.title}”.")
        return HttpResponseRedirect(variant_url(request.merchant, variant))
    context = {
        "form": form,
        "product": product,
        "back_url": page_url(request.merchant, "product-detail", pk=product.pk),
    }
    return render(request, "catalog/product/new_variant.html", context, status=400 if form.errors else 200)
