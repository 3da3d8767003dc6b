"""allauth's MFA secrets go through the same encryption as every other secret."""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter

from jetsync.fields import seal, unseal


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)
