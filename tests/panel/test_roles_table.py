"""What each role may do, as a table of rights and roles."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.test import Client

from jetsync.enums import Role
from jetsync.tenancy.rights import RIGHT_LABELS, ROLE_RIGHTS, Right

At = Callable[..., str]


def test_the_roles_stand_beside_each_other_right_by_right(client: Client, at: At) -> None:
    html = client.get(at("panel:members")).content.decode()
    table = html[html.index("What each role may do</caption>") :]
    table = table[: table.index("</table>")]

    heads = re.findall(r'<th scope="col">([^<]+)</th>', table)
    assert heads == ["Right", *Role.labels]
    rows = re.findall(r'<th scope="row">([^<]+)</th>(.*?)</tr>', table, re.DOTALL)
    shown = {
        label.replace("&#x27;", "'"): ['aria-label="Yes"' in cell for cell in cells.split("</td>")[:-1]]
        for label, cells in rows
    }
    assert shown == {RIGHT_LABELS[right]: [right in ROLE_RIGHTS[role] for role in Role] for right in Right}
    assert re.findall(r'<th scope="colgroup" colspan="5">([^<]+)</th>', table) == [
        "Home",
        "Products",
        "Mapping",
        "Orders",
        "Shoppers",
        "Returns",
        "Refunds",
        "Activity",
        "Settings",
        "People",
        "API tokens and webhooks",
        "Data",
    ]
