"""One SKU's offers over time, and the simulator."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render

from catalog.pages import variant_url
from catalog.queries.product import title_of
from catalog.queries.stock import get_variant
from jetsync.panel.charts import LineChart, lines_of
from jetsync.panel.rendering import when_text
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from repricer.figures import advice, gap_percent
from repricer.forms import LimitsForm
from repricer.pages import page_url
from repricer.queries.history import MOST_ROWS, Reading, changes_of_variant, readings_of
from repricer.queries.offers import figures_of
from repricer.queries.rules import load_bounds
from repricer.queries.runs import get_setting
from repricer.queries.simulation import MOST_SKUS, simulate
from repricer.simulation import Limits

# SKUs that the simulator's table names, the most moved first.
SHOWN = 50


def price_chart(readings: Sequence[Reading]) -> LineChart:
    """Our best offer and the marketplace's, landed."""
    return _chart(readings, {"My Best Offer": "mine", "Best Marketplace Offer": "best"})


def gap_chart(readings: Sequence[Reading]) -> LineChart:
    """Ours less the best: above 0 the buy box is somebody else's."""
    return _chart(readings, {"Gap": "gap"})


def _chart(readings: Sequence[Reading], names: dict[str, str]) -> LineChart:
    moments = [(row.at.timestamp(), when_text(row.at)) for row in readings]
    series = {
        label: [None if (value := getattr(row, name)) is None else float(value) for row in readings]
        for label, name in names.items()
    }
    return lines_of(moments, series, lambda value: f"-${-value:,.2f}" if value < 0 else f"${value:,.2f}")


@merchant_view(Right.PRODUCTS_VIEW)
def sku(request: MerchantRequest, pk: int) -> HttpResponse:
    merchant, variant = request.merchant, get_variant(request.merchant, pk)
    data = figures_of(variant)
    mine, best = (data.mine, data.best) if data else (None, None)
    readings = readings_of(merchant, variant)
    context = {
        "variant": variant,
        "title": title_of(variant),
        "data": data,
        "percent": gap_percent(mine.landed, best.landed) if mine and best else None,
        "advice": advice(mine, best),
        "price_chart": price_chart(readings),
        "gap_chart": gap_chart(readings),
        "readings": readings[::-1][:MOST_ROWS],
        "reading_count": len(readings),
        "changes": changes_of_variant(merchant, variant),
        "bounds": load_bounds(merchant, [variant.pk])[variant.pk],
        "repriced_price": variant.repriced_price,
        "product_url": variant_url(merchant, variant),
        "list_url": page_url(merchant, "sales-data"),
    }
    return render(request, "repricer/sku.html", context)


@merchant_view(Right.PRODUCTS_VIEW)
def simulator(request: MerchantRequest) -> HttpResponse:
    """Replays the last 14 days with the stored limits, or with those that are tried. Changes nothing."""
    merchant, setting = request.merchant, get_setting(request.merchant)
    form = LimitsForm(request.GET or None, setting=setting)
    is_given = form.is_bound and form.is_valid()
    stored = Limits(setting.step_percent, setting.share_percent, setting.always_allowed)
    limits = form.limits() if is_given else stored
    found, total = simulate(merchant, limits)
    moved = sorted(found.skus, key=lambda row: abs(row.moved / row.first) if row.first else 0, reverse=True)
    context = {
        "form": form,
        "found": found,
        "total": total,
        "replayed": len(found.skus),
        "most": MOST_SKUS,
        "moved": moved[:SHOWN],
        "list_url": page_url(merchant, "repricer"),
    }
    return render(request, "repricer/simulator.html", context, status=400 if form.errors else 200)
