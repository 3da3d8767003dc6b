"""Words that shops use for one thing, so that suggestions find "T-Shirts" for "Tees" and "S" for "Small". Pure.

A table kept by hand, for suggestions only: it says which names to compare, never what Jet accepts. Each line holds one
thing; its first word is the one that stands for all. Only words that mean the same in every shop belong here:
"notebook" (paper or computer) or "glasses" (to drink or to see) do not.
"""

from __future__ import annotations

import re

# Anywhere in a name. British and American spellings, singular and plural, and what a field is called.
_THINGS = (
    # clothing
    "t shirt, t shirts, tshirt, tshirts, tee, tees, tee shirt, tee shirts",
    "man, men, mens, gents, gentlemen",
    "woman, women, womens, ladies, lady",
    "kid, kids, child, children, childrens",
    "baby, babies, infant, infants",
    "pants, trousers",
    "sweater, sweaters, jumper, jumpers, pullover, pullovers",
    "pajama, pajamas, pyjama, pyjamas",
    "underwear, undergarment, undergarments",
    "sneaker, sneakers, trainers",
    "backpack, backpacks, rucksack, rucksacks",
    "handbag, handbags, purse, purses",
    "jewelry, jewellery",
    # home
    "sofa, sofas, couch, couches, settee, settees",
    "refrigerator, refrigerators, fridge, fridges",
    "faucet, faucets, tap, taps",
    "trash can, trash cans, garbage can, garbage cans, rubbish bin, rubbish bins",
    "comforter, comforters, duvet, duvets",
    "curtain, curtains, drape, drapes",
    "flashlight, flashlights, torch, torches",
    "vacuum, vacuums, hoover, hoovers",
    "lawn mower, lawn mowers, lawnmower, lawnmowers",
    # baby, electronics, vehicles
    "diaper, diapers, nappy, nappies",
    "stroller, strollers, pushchair, pushchairs, pram, prams",
    "cell phone, cell phones, cellphone, cellphones, mobile phone, mobile phones, smartphone, smartphones",
    "tv, tvs, television, televisions",
    "earbud, earbuds, earphone, earphones",
    "tire, tires, tyre, tyres",
    "bicycle, bicycles, bike, bikes",
    # what fields are called
    "color, colors, colour, colours, color family, colour family, color name, colour name",
    "size, sizes, size name, sizing",
    "brand, brands, brand name",
    "manufacturer, maker",
    "material, materials, material type",
    "quantity, qty",
    # spellings and units
    "gray, grey",
    "flavor, flavors, flavour, flavours",
    "fiber, fibers, fibre, fibres",
    "aluminum, aluminium",
    "pound, pounds, lb, lbs",
    "ounce, ounces, oz",
)
# Only as the whole of a name: "L" alone is a size, in "2 L" it is litres.
_WHOLES = (
    "extra small, xs, x small",
    "small, s, sm",
    "medium, m, med",
    "large, l, lg",
    "extra large, xl, x large",
    "2 extra large, xxl, 2xl, xx large, 2x large, double extra large",
    "3 extra large, xxxl, 3xl, xxx large, 3x large, triple extra large",
    "one size, os, osfa, one size fits all, one size fits most",
)

_WORD = re.compile(r"[^\W_]+")
_OWNER = re.compile(r"['\u2019]s\b")


def _table(lines: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        first, *others = line.split(", ")
        found.update(dict.fromkeys([first, *others], first))
    return found


THINGS, WHOLES = _table(_THINGS), _table(_WHOLES)
# The longest first: "color family" before "color".
_PHRASES = re.compile(rf"\b(?:{'|'.join(sorted(THINGS, key=len, reverse=True))})\b")


def in_common_words(text: str) -> str:
    """The name in lower case with each thing in its one word; marks between words become blanks.

    "Men's Tees" -> "man t shirt", "Small" -> "small", "S" -> "small".
    """
    words = " ".join(_WORD.findall(_OWNER.sub("", text.lower())))
    return WHOLES.get(words) or _PHRASES.sub(lambda found: THINGS[found[0]], words)
