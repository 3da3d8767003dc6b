"""Small forms around profiles: choosing one, choosing products for one, and what becomes of those of a deleted one."""

from __future__ import annotations

from typing import Any

from django import forms

from catalog.models import Profile
from catalog.queries.profile import store_category_choices
from jetsync.models import Merchant

NO_PROFILE = "none"


class ChooseProfileForm(forms.Form):
    """`profile` cleans to a Profile, or None for "no profile"."""

    profile = forms.ChoiceField(label="Profile", help_text="A product has one profile at a time.")

    def __init__(
        self, data: Any = None, files: Any = None, *, merchant: Merchant, chosen: int | None = None
    ) -> None:
        super().__init__(data, files)
        self.found = {str(row.pk): row for row in Profile.objects.filter(merchant=merchant).order_by("name")}
        field = self.fields["profile"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared above
        named = [(key, row.name) for key, row in self.found.items()]
        field.choices = [("", "Choose"), *named, (NO_PROFILE, "No profile")]
        field.initial = str(chosen) if chosen else ""

    def clean_profile(self) -> Profile | None:
        key = self.cleaned_data["profile"]
        return None if key == NO_PROFILE else self.found[key]


class AssignToForm(forms.Form):
    """Which products of the store get the profile; read from an address, so every field may be missing."""

    category = forms.ChoiceField(
        label="Products of", required=False, help_text="Only store categories that hold products are offered."
    )
    without = forms.BooleanField(
        label="Only those without a profile",
        required=False,
        help_text="Off: products with another profile get this one instead, after a warning.",
    )

    def __init__(self, data: Any = None, *, merchant: Merchant) -> None:
        super().__init__(data, initial={"without": True})
        field = self.fields["category"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared above
        rows = store_category_choices(merchant)
        named = [(str(row.pk), f"{row.path} ({row.product_count:,})") for row in rows]  # type: ignore[attr-defined]  # annotated
        field.choices = [("", "All store categories"), *named]


class DeleteProfileForm(forms.Form):
    """Asks only when the profile has products. `move_to` cleans to a Profile, or None."""

    move_to = forms.ChoiceField(
        label="Its products",
        required=False,
        help_text="Without a profile they keep their own values, the field mapping and the category's mapping.",
    )

    def __init__(self, data: Any = None, files: Any = None, *, profile: Profile) -> None:
        super().__init__(data, files)
        others = Profile.objects.filter(merchant=profile.merchant_id).exclude(pk=profile.pk)
        self.found = {str(row.pk): row for row in others.order_by("name")}
        field = self.fields["move_to"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared above
        named = [(key, f"Move to “{row.name}”") for key, row in self.found.items()]
        field.choices = [("", "Leave them without a profile"), *named]

    def clean_move_to(self) -> Profile | None:
        key = self.cleaned_data["move_to"]
        return self.found[key] if key else None
