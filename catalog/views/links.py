"""What pages about errors and drift share: an error with its SKU, today's value, and the input that mends it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.listing import Gap
from catalog.listing.result import SECTIONS
from catalog.models import SkuError, Variant
from catalog.pages import page_url, section_url, variant_url
from catalog.queries.errors import guide_code, value_of
from jetsync.models import Merchant

# Fields that stand in the editor's section "shipping", see Gap.section.
_SHIPPING = ("weight", "length", "width", "height", "country", "warning", "disclaimer", "unit")


@dataclass(frozen=True)
class ShownError:
    """`fix_url` opens the input, or the product where no single input mends it."""

    error: SkuError
    sku: str
    title: str
    value: str
    product_url: str
    fix_url: str
    file_url: str

    @property
    def cause(self) -> str:
        """Its page of the guide."""
        return guide_code(self.error.code, self.error.step, self.error.message)


def fix_url(merchant: Merchant, variant: Variant, field: str) -> str:
    if field in SECTIONS or any(word in field for word in _SHIPPING):
        gap = Gap(field, "", "", "")
        return f"{section_url(merchant, variant.pk, gap.section)}#{gap.anchor}"
    return variant_url(merchant, variant)


def shown_errors(merchant: Merchant, errors: Iterable[SkuError]) -> list[ShownError]:
    """Expects `listing__variant__product` to be selected."""
    return [shown_error(merchant, error) for error in errors]


def shown_error(merchant: Merchant, error: SkuError) -> ShownError:
    variant = error.listing.variant
    return ShownError(
        error,
        variant.sku,
        variant.title or variant.product.title,
        value_of(variant, error.field, error.message),
        variant_url(merchant, variant),
        fix_url(merchant, variant, error.field),
        page_url(merchant, "file-detail", pk=error.file_id) if error.file_id else "",
    )
