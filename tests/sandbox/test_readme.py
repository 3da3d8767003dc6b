"""The README names every choice that has a switch, and no switch that is not there."""

from __future__ import annotations

import re

from tests.sandbox.market import Market
from tests.sandbox_server import ROOT


def test_the_readme_names_exactly_the_switches_there_are(market: Market) -> None:
    text = (ROOT / "jetsync" / "sandbox" / "README.md").read_text()
    rows = [line.rstrip("|").rsplit("|", 1)[1] for line in text.splitlines() if line.count("|") == 5]
    named = {name for row in rows for name in re.findall(r"`([a-z_0-9]+)`", row)}

    assert named == set(market.control.switch())
