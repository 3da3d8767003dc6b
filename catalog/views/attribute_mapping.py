"""Store fields and options to Jet's attributes, and their values to Jet's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from catalog.actions.attribute_mapping import (
    create_field,
    map_attribute,
    set_values,
    unmap_attribute,
)
from catalog.actions.attribute_suggestions import accept_attributes, accept_values
from catalog.actions.store_field import ensure_fields
from catalog.enums import FreeText
from catalog.forms.mapping import AttributeMapForm, MarkForm
from catalog.mapping_steps import steps
from catalog.models import AttributeMapping, ValueMapping
from catalog.pages import page_url
from catalog.queries.attribute_mapping import (
    SourceRow,
    asked_attributes,
    get_attribute_mapping,
    products_with,
    rule_of,
    source_rows,
    unfilled,
    value_rows,
    vanished_attributes,
)
from catalog.queries.mapping_preview import planned_mappings
from catalog.queries.reach import reach_of_sources
from catalog.queries.taxonomy import current_version
from catalog.sources import FIELD, source_label
from catalog.views.asking import ask_first
from catalog.views.suggestions import plain
from jetsync.exceptions import DomainError, InvalidInput
from jetsync.ids import parse_id
from jetsync.panel.confirm import operation_url
from jetsync.panel.forms import put_on_form
from jetsync.panel.messages import say, say_error
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted

VALUES_PER_PAGE = 50
# Legal values that the browser is given for its list of suggestions; typing finds the others by the check.
LISTED = 1000


def applied_words(count: int) -> str:
    return f"The mapping is applied to {counted(count, 'product')}."


def _above(rows: list[SourceRow], mark: int) -> dict[str, int]:
    return {row.source: row.best.attribute_id for row in rows if row.best and row.best.percent >= mark}


@merchant_view(Right.MAPPING_VIEW, write=Right.MAPPING_EDIT)
def attribute_mapping(request: MerchantRequest) -> HttpResponse:
    """Every field of the store, what it fills and what it could fill."""
    if request.method == "POST" and request.POST.get("do") != "map":
        return _change(request)
    merchant = request.merchant
    form = AttributeMapForm(request.POST if request.method == "POST" else None, merchant=merchant)
    if form.is_valid() and (question := _ask(request, [_pair_of(form)])) is not None:
        return question
    if form.is_valid() and _map(request, form):
        return HttpResponseRedirect(page_url(merchant, "attribute-mapping"))
    ensure_fields(merchant)
    mark_form = MarkForm(request.GET if "mark" in request.GET else None)
    mark = mark_form.value()
    asked = asked_attributes(merchant)
    rows = source_rows(merchant, asked)
    context = {
        "form": form,
        "steps": steps(merchant, 3),
        "version": current_version(merchant),
        "rows": rows,
        "gone": vanished_attributes(merchant),
        "mark": mark,
        "above": len(_above(rows, mark)),
        "suggested": sum(1 for row in rows if row.best),
        "asked": asked,
        "missing": unfilled(merchant, asked, rows),
    }
    status = 400 if form.errors else 200
    return render(request, "catalog/attributes/mapping.html", context, status=status)


def _pair_of(form: AttributeMapForm) -> tuple[str, int]:
    return form.cleaned_data["source"], form.cleaned_data["attribute"]


def _ask(
    request: MerchantRequest,
    pairs: Iterable[tuple[str, int]],
    *,
    title: str = "",
    label: str = "Map",
    back: str = "",
    values: Sequence[str] | None = None,
    can_undo: bool = False,
) -> HttpResponse | None:
    """The page that says first what will be sent again, or None to go on."""
    chosen = list(pairs)
    words = f"Map {counted(len(chosen), 'field')} to Jet attributes"
    is_answered = bool(request.POST.get("sure"))
    planned = [] if title or is_answered else planned_mappings(request.merchant, chosen)
    return ask_first(
        request,
        reach_of_sources(request.merchant, chosen, values=values),
        names=[row.words for row in planned],
        warnings=[row.warning for row in planned if row.warning],
        title=title or words,
        back=back or page_url(request.merchant, "attribute-mapping"),
        label=label,
        can_undo=can_undo,
    )


def _map(request: MerchantRequest, form: AttributeMapForm) -> bool:
    values = form.cleaned_data
    try:
        applied = map_attribute(
            request.merchant, values["source"], values["attribute"], unit=values["unit"], actor=request.actor
        )
    except DomainError as error:
        put_on_form(form, error)
        return False
    _say_mapped(request, applied.mapping, applied.products)
    return True


def _say_mapped(request: MerchantRequest, mapping: AttributeMapping, products: int) -> None:
    name = f"{source_label(mapping.source)} fills {mapping.attribute_name}"
    say(request, "success", f"{name[0].upper()}{name[1:]}. {applied_words(products)}")


def _change(request: MerchantRequest) -> HttpResponse:
    mark = MarkForm(request.POST).value()
    back = f"{page_url(request.merchant, 'attribute-mapping')}?mark={mark}"
    acts = {"unmap": _unmap, "create": _create}
    try:
        answer = acts.get(request.POST.get("do", ""), _accept_suggested)(request, mark)
    except DomainError as error:
        say_error(request, error)
        answer = ""
    return HttpResponseRedirect(answer or back) if isinstance(answer, str) else answer


def _unmap(request: MerchantRequest, _mark: int) -> HttpResponse | str:
    row = get_attribute_mapping(request.merchant, parse_id(request.POST.get("mapping", "")))
    asked = _ask(request, [(row.source, row.attribute_id)], title=f"Delete {row}", label="Delete")
    if asked is not None:
        return asked
    count = unmap_attribute(row, actor=request.actor)
    say(request, "success", f"{row} is removed. {applied_words(count)}")
    return ""


def _create(request: MerchantRequest, _mark: int) -> HttpResponse | str:
    attribute_id = parse_id(request.POST.get("attribute", ""))
    rule = rule_of(request.merchant, attribute_id)
    # A field of that name may be there already, with values.
    if rule is not None and (asked := _ask(request, [(f"{FIELD}{rule.name}", attribute_id)])) is not None:
        return asked
    applied = create_field(request.merchant, attribute_id, actor=request.actor)
    _say_mapped(request, applied.mapping, applied.products)
    return ""


def _accept_suggested(request: MerchantRequest, mark: int) -> HttpResponse | str:
    """One row by its button, or all above the mark."""
    post, merchant = request.POST, request.merchant
    if post.get("do") == "above":
        choice = _above(source_rows(merchant, asked_attributes(merchant)), mark)
    else:
        source = plain(post.get("one", ""))
        choice = {source: parse_id(post.get(f"attribute_{source}", ""))}
    asked = _ask(request, choice.items(), can_undo=len(choice) > 1)
    return asked if asked is not None else _accept(request, choice)


def _accept(request: MerchantRequest, choice: dict[str, int]) -> str:
    """The page of the operation that can undo it, "" where one mapping at most was made."""
    operation = accept_attributes(request.merchant, choice, actor=request.actor)
    count = operation.done if operation else 0
    products = max((products_with(request.merchant, source) for source in list(choice)[:20]), default=0)
    fields = f"{counted(count, 'field')} mapped."
    say(request, "success", f"{fields} {applied_words(products)}")
    return operation_url(operation) if operation and count > 1 else ""


@merchant_view(Right.MAPPING_VIEW, write=Right.MAPPING_EDIT)
def attribute_values(request: MerchantRequest, pk: int) -> HttpResponse:
    """The values that products have in one field, and what Jet is told for each."""
    merchant = request.merchant
    mapping = get_attribute_mapping(merchant, pk)
    if request.method == "POST":
        return _change_values(request, mapping)
    return _values_page(request, mapping, {}, {})


def _values_page(
    request: MerchantRequest,
    mapping: AttributeMapping,
    typed: dict[str, tuple[str, str]],
    errors: dict[str, list[str]],
) -> HttpResponse:
    """`typed` and `errors` by store value: what was sent and refused stands in its input again."""
    merchant = request.merchant
    rule = rule_of(merchant, mapping.attribute_id)
    rows = value_rows(merchant, mapping, rule)
    mark = MarkForm(request.GET if "mark" in request.GET else None).value()
    page = Paginator(rows, VALUES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "mapping": mapping,
        "label": source_label(mapping.source),
        "rule": rule,
        "is_listed": rule is not None and rule.free_text == FreeText.LISTED,
        "takes_unit": rule is not None and rule.free_text == FreeText.FREE_WITH_UNIT,
        "units": list(rule.units.values()) if rule else [],
        "legal": list(rule.values.values())[:LISTED] if rule else [],
        "legal_count": len(rule.values) if rule else 0,
        "steps": steps(merchant, 3),
        "page": page,
        "rows": [
            (row, *typed.get(row.store.value, (row.jet_value, row.jet_unit)), errors.get(row.store.value, []))
            for row in page.object_list
        ],
        "open_count": sum(row.state in {"open", "unit"} for row in rows),
        "total": len(rows),
        "mark": mark,
        "above": sum(row.state == "open" and row.percent >= mark for row in rows),
        "products": products_with(merchant, mapping.source),
    }
    return render(request, "catalog/attributes/values.html", context, status=400 if errors else 200)


def _change_values(request: MerchantRequest, mapping: AttributeMapping) -> HttpResponse:
    post, merchant = request.POST, request.merchant
    mark = MarkForm(post).value()
    if post.get("do") == "above":
        return _accept_values(request, mapping, mark)
    if post.get("do") == "unit":
        return _change_unit(request, mapping)
    stores = post.getlist("store")
    pairs = zip(stores, post.getlist("value"), [*post.getlist("unit"), *[""] * len(stores)], strict=False)
    wanted = {plain(store): (plain(value), plain(unit)) for store, value, unit in pairs}
    if (asked := _ask_values(request, mapping, _differing(mapping, wanted))) is not None:
        return asked
    try:
        changed = set_values(mapping, wanted, actor=request.actor)
    except InvalidInput as error:
        say_error(request, error)
        return _values_page(request, mapping, wanted, error.fields)
    _say_values(request, mapping, changed)
    number_of_page = parse_id(request.GET.get("page", "")) or 1
    address = page_url(merchant, "attribute-values", pk=mapping.pk)
    return HttpResponseRedirect(f"{address}?mark={mark}&page={number_of_page}")


def _ask_values(
    request: MerchantRequest,
    mapping: AttributeMapping,
    values: Sequence[str] | None,
    *,
    can_undo: bool = False,
) -> HttpResponse | None:
    """`values`: those of the store that get another word at Jet; None for all of them."""
    pair = (mapping.source, mapping.attribute_id)
    back = page_url(request.merchant, "attribute-values", pk=mapping.pk)
    title = f"Map values of {source_label(mapping.source)} for {mapping.attribute_name}"
    return _ask(request, [pair], title=title, back=back, values=values, can_undo=can_undo)


def _differing(mapping: AttributeMapping, wanted: Mapping[str, tuple[str, str]]) -> list[str]:
    """Store values, in lower case, whose mapping would be another one than now."""
    stored = ValueMapping.objects.filter(merchant=mapping.merchant_id, mapping=mapping)
    now = {row.store_value: (row.jet_value, row.jet_unit) for row in stored}
    given = {store.lower(): pair for store, pair in wanted.items()}
    return [store for store, pair in given.items() if now.get(store, ("", "")) != pair]


def _accept_values(request: MerchantRequest, mapping: AttributeMapping, mark: int) -> HttpResponse:
    merchant = request.merchant
    rows = value_rows(merchant, mapping, rule_of(merchant, mapping.attribute_id))
    wanted = {row.store.value: (row.match, "") for row in rows if row.state == "open" and row.percent >= mark}
    asked = _ask_values(request, mapping, [store.lower() for store in wanted], can_undo=len(wanted) > 1)
    if asked is not None:
        return asked
    try:
        operation = accept_values(mapping, wanted, actor=request.actor)
    except InvalidInput as error:
        say_error(request, error)
        return _values_page(request, mapping, wanted, error.fields)
    _say_values(request, mapping, operation.done if operation else 0)
    if operation is not None and operation.done > 1:
        return HttpResponseRedirect(operation_url(operation))
    return HttpResponseRedirect(f"{page_url(merchant, 'attribute-values', pk=mapping.pk)}?mark={mark}")


def _say_values(request: MerchantRequest, mapping: AttributeMapping, count: int) -> None:
    words = applied_words(products_with(request.merchant, mapping.source))
    told = f"{counted(count, 'value')} mapped. {words}" if count else "Nothing changed."
    say(request, "success" if count else "info", told)


def _change_unit(request: MerchantRequest, mapping: AttributeMapping) -> HttpResponse:
    if (asked := _ask_values(request, mapping, None)) is not None:
        return asked
    try:
        applied = map_attribute(
            request.merchant,
            mapping.source,
            mapping.attribute_id,
            unit=plain(request.POST.get("default_unit", "")),
            actor=request.actor,
        )
    except DomainError as error:
        say_error(request, error)
    else:
        _say_mapped(request, applied.mapping, applied.products)
    return HttpResponseRedirect(page_url(request.merchant, "attribute-values", pk=mapping.pk))
