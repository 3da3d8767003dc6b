"""Second factors: who has one, and allauth's MFA secrets under the same encryption as every other secret."""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef

from jetsync.exceptions import NotAllowed
from jetsync.fields import seal, unseal
from jetsync.models import Merchant


class SecondFactorMissing(NotAllowed):
    """The store lets people in with a second factor only, and this one has none."""

    code = "second_factor_required"
    hint = "Turn it on in the panel under your account, Two-factor log-in."

    def __init__(self, merchant: Merchant) -> None:
        super().__init__(f"{merchant.name} asks its people for a second factor, and you have none yet.")
        self.merchant = merchant


def with_second_factor() -> Exists:
    """For rows with a user: `Membership.objects.annotate(has_second_factor=with_second_factor())`."""
    factors = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    return Exists(factors.filter(user=OuterRef("user")))


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)
