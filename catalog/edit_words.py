"""What a page says beforehand of the way to Jet that an edit takes."""

from __future__ import annotations

from jetsync.models import Options


def content_words(options: Options) -> str:
    """When product data that were changed here reach Jet, as the settings have it."""
    if options.sends_content_edits:
        return (
            "Product data of SKUs that Jet has are sent by themselves in a moment: "
            "“Update product sync” is on in the settings. A SKU that Jet sells and would hold back as it is then keeps what "
            "Jet has until its gaps are filled."
        )
    return "Product data wait for the next upload: the settings send no edits by themselves."
