"""Choosing products for a mass action: by SKU, all but some, or by category (features BUL-01, BUL-02)."""

from __future__ import annotations

from typing import Any

from django import forms

from catalog.models import StoreCategory
from catalog.queries.choosing import chosen_ids
from catalog.queries.stock import get_variants, variants_by_sku
from jetsync.models import Merchant
from jetsync.wording import counted

ALL, SELECTED, EXCLUDED, CATEGORY = "all", "selected", "excluded", "category"
SCOPES = (
    (ALL, "All products"),
    (SELECTED, "Selected products: those named below"),
    (EXCLUDED, "All products except those named below"),
    (CATEGORY, "Products of the categories ticked below"),
)
ACTIONS = (("upload", "Upload"), ("archive", "Archive"), ("unarchive", "Un-archive"))
LONGEST = 2_000_000
WITHOUT = "without_unknown"
# Of more, the count is told.
MOST_TOLD = 100


class MassForm(forms.Form):
    do = forms.ChoiceField(label="Action", choices=ACTIONS, initial="upload")
    scope = forms.ChoiceField(
        label="Which products",
        choices=SCOPES,
        initial=ALL,
        widget=forms.RadioSelect,
        help_text="The next page shows how many they are, before anything is sent.",
    )
    skus = forms.CharField(
        label="SKUs",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text="One per line, or separated by commas; paste them from a spreadsheet.",
    )
    categories: forms.ModelMultipleChoiceField[StoreCategory] = forms.ModelMultipleChoiceField(
        label="Categories",
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Your store's categories. Products without one are reached through the list of products.",
    )

    def __init__(self, data: Any = None, *, merchant: Merchant) -> None:
        super().__init__(data)
        self.merchant = merchant
        field: Any = self.fields["categories"]
        field.queryset = StoreCategory.objects.filter(merchant=merchant).order_by("path")
        if data and data.get(WITHOUT):
            self.ask_to_go_on()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        scope = data.get("scope")
        if scope in {SELECTED, EXCLUDED} and not self.named():
            self.add_error("skus", "Name at least one SKU.")
        if scope == CATEGORY and not data.get("categories"):
            self.add_error("categories", "Tick at least one category.")
        return data

    def named(self) -> list[str]:
        text = self.cleaned_data.get("skus", "").replace(",", "\n").replace("\t", "\n")
        return list(dict.fromkeys(word.strip() for word in text.splitlines() if word.strip()))

    def ask_to_go_on(self) -> None:
        """One more box: the SKUs that are not known are left out."""
        self.fields[WITHOUT] = forms.BooleanField(label="Go on without the unknown SKUs", required=False)

    def unknown(self) -> list[str]:
        """SKUs named above that there are not, unless all are unknown: then nothing would be left to go on with."""
        named = self.named() if self.cleaned_data["scope"] in {SELECTED, EXCLUDED} else []
        known = variants_by_sku(self.merchant, named) if named else {}
        return [sku for sku in named if sku not in known] if known else []

    def chosen(self) -> tuple[list[int], str]:
        """Variant ids by SKU and the set in words. Raises InvalidInput for unknown SKUs and for an empty set."""
        scope, named = self.cleaned_data["scope"], self.named()
        if self.cleaned_data.get(WITHOUT):
            unknown = set(self.unknown())
            named = [sku for sku in named if sku not in unknown]
        if scope == SELECTED:
            ids = chosen_ids(self.merchant, skus=named)
            return ids, f"The {counted(len(ids), 'named SKU')}"
        if scope == EXCLUDED:
            left_out = {row.pk for row in get_variants(self.merchant, named)}
            ids = chosen_ids(self.merchant, but=named)
            return ids, f"All products except {counted(len(left_out), 'named SKU')}"
        if scope == CATEGORY:
            categories = list(self.cleaned_data["categories"])
            ids = chosen_ids(self.merchant, categories=[row.pk for row in categories])
            return ids, "Categories: " + ", ".join(row.path for row in categories)
        return chosen_ids(self.merchant), "All products"
