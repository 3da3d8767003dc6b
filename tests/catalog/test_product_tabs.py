"""The product editor: every tab that the manuals name stands on the product's page and opens."""

from __future__ import annotations

import re

import pytest

from catalog.pages import variant_url
from jetsync.models import Merchant
from tests.catalog import rows

pytestmark = pytest.mark.django_db

# The manuals' name -> ours (features PRD-13).
TABS = {
    "Jet Attributes": "Jet attributes",
    "Shipping Exception": "Shipping exceptions",
    "Return Exception": "Return exceptions",
    "Config Products": "Variations",
    "Products Data On Jet": "Data on Jet",
}


@pytest.mark.feature("PRD-13")
def test_the_editors_tabs_are_all_there_and_open(shop: Merchant, client_for) -> None:
    kettle = rows.make_variant(shop)
    client = client_for("owner")
    html = client.get(variant_url(shop, kettle)).content.decode()
    tabs = {
        re.sub(r"<[^>]+>|\s+", " ", label).strip(): address
        for address, label in re.findall(
            r'<a class="tab[^"]*" href="([^"]+)"[^>]*>(.*?)</a>', html, re.DOTALL
        )
    }

    found = {ours: next((url for label, url in tabs.items() if ours in label), "") for ours in TABS.values()}

    assert [name for name, url in found.items() if not url] == []
    assert {name: client.get(url).status_code for name, url in found.items()} == dict.fromkeys(found, 200)
