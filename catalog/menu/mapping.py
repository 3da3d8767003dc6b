"""The menu's entries for mapping."""

from __future__ import annotations

from jetsync.panel.items import MenuItem, register
from jetsync.panel.statuses import Status, register_statuses
from jetsync.tenancy.rights import Right

register(
    MenuItem(
        "Mapping",
        "Attributes",
        "catalog:attribute-mapping",
        Right.MAPPING_VIEW,
        20,
        ("attribute mapping", "map attributes", "options", "option values", "jet attribute id"),
    ),
    MenuItem(
        "Mapping",
        "Jet categories",
        "catalog:jet-category-list",
        Right.MAPPING_VIEW,
        30,
        ("manage jet categories", "browse node", "category details", "create category & map"),
    ),
    MenuItem(
        "Mapping",
        "Jet taxonomy",
        "catalog:taxonomy-list",
        Right.MAPPING_VIEW,
        40,
        ("taxonomy", "import categories", "upload category csv", "versions", "tree"),
    ),
)
register_statuses(
    {
        "taxonomy.in_use": Status("In use", "green", "", "Pickers, checks and mappings of yours follow it."),
        "taxonomy.kept": Status("Kept", "secondary", "", "Stored, and can be put to use."),
        "taxonomy.open": Status("Open", "green", "", "Jet takes products here, from level 2 on."),
        "value.open": Status(
            "Jet refuses it", "orange", "", "It is none of Jet's values; say which one is meant."
        ),
        "value.unit": Status("Unit missing", "orange", "", "Jet wants a unit with it."),
        "value.mapped": Status("Mapped", "green", "", "Jet is told the value beside it."),
        "value.same": Status("As it is", "secondary", "", "Jet takes it as your store has it."),
        "taxonomy.closed": Status("Closed", "red", "", "Jet has closed this category."),
    }
)
