"""Profiles: the list, one form with its four parts, the page of one with a preview, and picking a field by example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from catalog.actions.profile import applies_to, copy_profile, delete_profile
from catalog.forms.assigning import AssignToForm, DeleteProfileForm
from catalog.forms.profile import ProfileForm
from catalog.jet_fields import JET_FIELDS, SPECIFICS
from catalog.models import Product, Profile
from catalog.pages import page_url, product_list_url
from catalog.queries.profile import (
    WITHOUT,
    attribute_names,
    get_profile,
    preview,
    profile_names,
    profiles,
    sku_fit,
)
from catalog.queries.store_field import (
    example_variant,
    fields_of,
    find_examples,
    get_facts,
    typed_words,
)
from catalog.queries.taxonomy import jet_paths
from catalog.store_values import is_source, source_label
from catalog.views.asking import AsksAboutMapPrice
from jetsync.ids import parse_id
from jetsync.models import Merchant
from jetsync.panel import cells
from jetsync.panel.details import timeline_for
from jetsync.panel.filters import PanelFilterSet, SearchFilter
from jetsync.panel.lists import Column, EmptyState, ListPage, PageAction
from jetsync.panel.messages import say
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted

DRAFT = "catalog.profile_draft"


class ProfileFilter(PanelFilterSet):
    q = SearchFilter(lookups=("name__icontains",), placeholder="Name")


class ProfileList(ListPage):
    right = Right.MAPPING_VIEW
    page_key = "profiles"
    title = "Profiles"
    subtitle = "What many products share on their way to Jet: codes, attributes and item specifics."
    noun = ("profile", "profiles")
    default_sort = "name"
    filter_class = ProfileFilter
    columns = (
        Column("name", "Profile name", sort=("name",), is_primary=True),
        Column(
            "products",
            "Products",
            lambda row: cells.number(row.product_count),
            ("product_count",),
            align="end",
        ),
        Column("category", "Jet category", lambda row: cells.text(row.jet_path or "From the mapping")),
        Column("fills", "Fills", lambda row: row.fills),
        Column("updated", "Changed", lambda row: cells.ago(row.updated_at), ("updated_at",)),
    )
    page_actions = (
        PageAction(
            "New profile", url_name="catalog:profile-new", right=Right.MAPPING_EDIT, primary=True, icon="plus"
        ),
    )
    empty = EmptyState(
        "No profile yet",
        "A profile is optional. It gives many products the same code, attributes and item specifics at once, "
        "e.g. one for towels and one for books.",
        "clipboard-list",
        PageAction("New profile", url_name="catalog:profile-new", right=Right.MAPPING_EDIT, icon="plus"),
    )

    def get_queryset(self) -> QuerySet[Profile]:
        return profiles(self.request.merchant)

    def get_rows(self, rows: list[Any]) -> list[Any]:
        paths = jet_paths(self.request.merchant, [row.jet_node_id for row in rows])
        for row in rows:
            row.jet_path = paths.get(row.jet_node_id or 0, "")
            row.fills = _fills(row)
        return rows

    def row_url(self, row: Profile) -> str:
        return page_url(self.request.merchant, "profile-detail", pk=row.pk)


def _fills(row: Profile) -> str:
    parts = [
        "code" if row.sku_as_code or row.code_type else "",
        "part number" if row.sku_as_part_number else "",
        _counted(len(row.attributes), "attribute"),
        _counted(len(row.specifics), "item specific"),
    ]
    return ", ".join(part for part in parts if part) or "nothing yet"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}" if count else ""


# --- the form -----------------------------------------------------------------------------------------------


@merchant_view(Right.MAPPING_EDIT)
def profile_new(request: MerchantRequest) -> HttpResponse:
    return _form_page(request, None)


@merchant_view(Right.MAPPING_VIEW, write=Right.MAPPING_EDIT)
def profile_edit(request: MerchantRequest, pk: int) -> HttpResponse:
    return _form_page(request, get_profile(request.merchant, pk))


def _form_page(request: MerchantRequest, profile: Profile | None) -> HttpResponse:
    do = request.POST.get("do", "save")
    if request.method == "POST" and do.startswith("pick:"):
        return _go_picking(request, profile, do.removeprefix("pick:"))
    if request.method == "POST" and do != "category" and not _is_search(request):
        return _save(request, profile)
    values: Mapping[str, Any] | None = None
    if request.method == "POST":
        values = request.POST.dict()
    elif request.GET.get("draft"):
        values = _draft(request, profile)
    return _show(request, profile, _new_form(request, profile, values=values))


def _is_search(request: MerchantRequest) -> bool:
    """Enter in the search box presses the form's first button: words that were not looked for yet are a search."""
    words = typed_words(request.POST.get("words", ""))
    return bool(words) and words != request.POST.get("words_seen", words)


def _new_form(request: MerchantRequest, profile: Profile | None, **given: Any) -> ProfileForm:
    read_only = not request.actor.may(Right.MAPPING_EDIT)
    return ProfileForm(merchant=request.merchant, profile=profile, read_only=read_only, **given)


def _save(request: MerchantRequest, profile: Profile | None) -> HttpResponse:
    form = _new_form(request, profile, data=request.POST)
    saved = form.save(request.actor)
    if saved is None:
        return _show(request, profile, form, status=400)
    request.session.pop(DRAFT, None)
    if profile is None:
        say(request, "success", f"Profile “{saved.name}” is made. Now assign it to products.")
    else:
        say(request, "success", f"Profile “{saved.name}” is saved. {applies_to(saved)}")
    fit = sku_fit(request.merchant, saved.sku_as_code, saved.pk) if saved.sku_as_code else None
    if fit is not None and fit.bad:
        say(request, "warning", f"{fit.bad:,} of {fit.checked:,} SKUs are no {fit.code_type}; see below.")
    return HttpResponseRedirect(page_url(request.merchant, "profile-detail", pk=saved.pk))


def _show(
    request: MerchantRequest, profile: Profile | None, form: ProfileForm, status: int = 200
) -> HttpResponse:
    code_type = form["sku_as_code"].value()
    context = {
        "profile": profile,
        "form": form,
        "fit": sku_fit(request.merchant, code_type, profile.pk if profile else None)
        if code_type in JET_FIELDS
        else None,
        "back_url": _profile_url(request.merchant, profile),
    }
    return render(request, "catalog/profile/form.html", context, status=status)


def _profile_url(merchant: Merchant, profile: Profile | None) -> str:
    if profile is None:
        return page_url(merchant, "profile-list")
    return page_url(merchant, "profile-detail", pk=profile.pk)


# --- picking a field by example -----------------------------------------------------------------------------


def _go_picking(request: MerchantRequest, profile: Profile | None, field: str) -> HttpResponse:
    """Keeps what was typed, so that the form comes back as it was left, with the field chosen."""
    values = {name: value for name, value in request.POST.dict().items() if name != "csrfmiddlewaretoken"}
    pk = profile.pk if profile else 0
    request.session[DRAFT] = {"merchant": request.merchant.pk, "profile": pk, "values": values}
    query = urlencode({"for": field, "profile": str(pk or "")})
    return HttpResponseRedirect(f"{page_url(request.merchant, 'profile-pick')}?{query}")


def _draft(request: MerchantRequest, profile: Profile | None) -> dict[str, Any] | None:
    kept = request.session.get(DRAFT)
    mine = {"merchant": request.merchant.pk, "profile": profile.pk if profile else 0}
    if not kept or {name: kept.get(name) for name in mine} != mine:
        return None
    values: dict[str, Any] = dict(kept["values"])
    field, key = request.GET.get("field", ""), request.GET.get("key", "")
    if field.endswith("_source") and is_source(key):
        values[field] = key
    return values


@require_GET
@merchant_view(Right.PRODUCTS_VIEW)
def profile_name_options(request: MerchantRequest) -> HttpResponse:
    """Suggestions for a box in which a profile is named (`?profile=` holds what is typed)."""
    words = typed_words(request.GET.get("profile", ""))
    names = [name for name in (WITHOUT,) if words.lower() in name.lower()] + profile_names(
        request.merchant, words
    )
    return render(request, "generic/options.html", {"names": names})


@merchant_view(Right.MAPPING_EDIT)
def profile_pick(request: MerchantRequest) -> HttpResponse:
    """One product with all its fields and their values; a click takes the key into the form."""
    merchant, query = request.merchant, request.GET
    pk = parse_id(query.get("profile"))
    profile = get_profile(merchant, pk) if pk else None
    words = typed_words(query.get("q", ""))
    hits = find_examples(merchant, words)
    wanted = parse_id(query.get("variant")) or (hits[0].pk if words and hits else 0)
    variant = example_variant(merchant, wanted, pk or None)
    back = page_url(merchant, "profile-edit", pk=pk) if profile else page_url(merchant, "profile-new")
    field = query.get("for", "")
    context = {
        "profile": profile,
        "field": field,
        "field_label": _label_of(merchant, field),
        "words": words,
        "hits": hits,
        "variant": variant,
        "fields": fields_of(get_facts(merchant, variant.pk)) if variant else [],
        "use_url": f"{back}?{urlencode({'draft': '1', 'field': field})}",
        "back_url": f"{back}?draft=1",
        "here": page_url(merchant, "profile-pick"),
    }
    return render(request, "catalog/profile/pick.html", context)


def _label_of(merchant: Merchant, field: str) -> str:
    """What the chosen key is for, in words."""
    name = field.removesuffix("_source")
    if name == "code":
        return "the standard code"
    kind, _sep, rest = name.partition("_")
    if kind == "spec" and rest in JET_FIELDS:
        return JET_FIELDS[rest].label
    pk = parse_id(rest) if kind == "attr" else 0
    return attribute_names(merchant, [pk]).get(pk, "the profile")


# --- the page of one profile --------------------------------------------------------------------------------


@dataclass(frozen=True)
class SetValue:
    """What the profile says of one field."""

    label: str
    fixed: str
    source: str
    note: str = ""


@merchant_view(Right.MAPPING_VIEW)
def profile_detail(request: MerchantRequest, pk: int) -> HttpResponse:
    merchant = request.merchant
    profile = get_profile(merchant, pk)
    node = profile.jet_node_id
    context = {
        "profile": profile,
        "jet_path": jet_paths(merchant, [node]).get(node or 0, ""),
        "code_words": code_words(profile),
        "set_values": set_values(profile),
        "rows": preview(profile),
        "fit": sku_fit(merchant, profile.sku_as_code, profile.pk)
        if profile.sku_as_code in JET_FIELDS
        else None,
        "assign_form": AssignToForm(merchant=merchant),
        "products_url": product_list_url(merchant, urlencode({"profile": profile.name})),
        "timeline": timeline_for(merchant, "catalog.profile", profile.pk),
    }
    return render(request, "catalog/profile/detail.html", context)


def code_words(profile: Profile) -> str:
    if profile.sku_as_code:
        return f"The SKU, as {profile.sku_as_code}"
    if profile.code_type:
        return f"{profile.code_type} from {source_label(profile.code_source)}"
    return "The product's own"


def set_values(profile: Profile) -> list[SetValue]:
    """Attributes and item specifics in the order of the form."""
    ids = [int(item["id"]) for item in profile.attributes]
    names = attribute_names(profile.merchant, ids)
    found = []
    for item in profile.attributes:
        label = names.get(int(item["id"]), f"Attribute {item['id']}")
        fixed = f"{item.get('value', '')} {item.get('unit', '')}".strip() if item.get("value") else ""
        found.append(_set_value(label, fixed, item))
    for name in SPECIFICS:
        if name in profile.specifics:
            item = profile.specifics[name]
            found.append(_set_value(JET_FIELDS[name].label, item.get("value", ""), item))
    return found


def _set_value(label: str, fixed: str, item: Mapping[str, Any]) -> SetValue:
    source = source_label(item["source"]) if item.get("source") else ""
    return SetValue(label, fixed, source, "The fixed value wins." if fixed and source else "")


@require_POST
@merchant_view(Right.MAPPING_EDIT)
def profile_copy(request: MerchantRequest, pk: int) -> HttpResponse:
    copy = copy_profile(get_profile(request.merchant, pk), actor=request.actor)
    say(request, "success", f"Profile “{copy.name}” is made. It has no products yet.")
    return HttpResponseRedirect(page_url(request.merchant, "profile-edit", pk=copy.pk))


class ProfileDelete(AsksAboutMapPrice):
    right = write_right = Right.MAPPING_EDIT
    noun = ("profile", "profiles")
    danger = True
    confirm_label = "Delete profile"
    form_class = DeleteProfileForm

    def get_target(self, **kwargs: Any) -> Profile:
        return get_profile(self.request.merchant, kwargs["pk"])

    def get_title(self, target: Profile) -> str:
        return f"Delete profile “{target.name}”"

    def get_consequences(self, target: Any) -> Sequence[str]:
        count = target.product_count
        if not count:
            return ["No product has it."]
        return [
            f"{count:,} product{' has' if count == 1 else 's have'} it. Choose below what they get instead.",
            "What it filled falls away at once. What is on Jet already is marked as changed; upload to send it.",
        ]

    def get_form_kwargs(self, target: Profile) -> dict[str, Any]:
        return {"profile": target}

    def get_cancel_url(self, target: Profile) -> str:
        return _profile_url(self.request.merchant, target)

    def perform(self, target: Profile, form: Any) -> str:
        move_to = form.cleaned_data["move_to"]
        products = Product.objects.filter(merchant=self.request.merchant, profile=target.pk)
        confirmed = self.asked_of(products, move_to)
        count = delete_profile(target, move_to=move_to, actor=self.request.actor, confirmed=confirmed)
        words = counted(count, "product")
        went = f" {words} got “{move_to.name}”." if move_to else f" {words} had it and have none now."
        say(self.request, "success", f"Profile “{target.name}” is deleted.{went if count else ''}")
        return page_url(self.request.merchant, "profile-list")
