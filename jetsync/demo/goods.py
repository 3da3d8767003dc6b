"""What the demo store sells: 60 SKUs of invented brands, six of them with a planted fault."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from stdnum import ean

# The first digits of every code of the demo: a prefix kept free for in-store use, so no real article has it.
CODE_PREFIX = "0420071"


@dataclass(frozen=True)
class Good:
    """One SKU. `options` tell siblings of a family apart; `fault` says what was planted, empty for sound ones."""

    sku: str
    title: str
    brand: str
    category: str
    price: Decimal
    quantity: int
    weight: Decimal
    number: int
    picture: str
    options: dict[str, str] = field(default_factory=dict)
    family: str = ""
    fault: str = ""

    @property
    def upc(self) -> str:
        digits = f"{CODE_PREFIX}{self.number:04d}"
        check = ean.calc_check_digit(digits)
        return digits + (str((int(check) + 3) % 10) if self.fault == "code" else check)

    @property
    def description(self) -> str:
        return (
            f"{self.title} by {self.brand}. Made to be used every day and easy to keep clean. "
            f"Packed in recycled cardboard; ships within one business day."
        )


def _family(  # a row of the table below reads better by position
    base: str,
    title: str,
    brand: str,
    category: str,
    picture: str,
    price: str,
    weight: str,
    axis: str,
    values: list[str],
) -> list[tuple[str, str, str, str, str, str, str, dict[str, str], str]]:
    return [
        (
            f"{base}-{value[:3].upper().replace(' ', '')}",
            f"{title}, {value}",
            brand,
            category,
            picture,
            price,
            weight,
            {axis: value},
            base,
        )
        for value in values
    ]


def _single(
    sku: str, title: str, brand: str, category: str, picture: str, price: str, weight: str
) -> tuple[str, str, str, str, str, str, str, dict[str, str], str]:
    return (sku, title, brand, category, picture, price, weight, {}, "")


# Store category -> the Jet leaf of the small taxonomy that it is mapped to; None is left unmapped on purpose.
CATEGORIES: dict[str, int | None] = {
    "Kitchen > Kettles": 41001003,
    "Kitchen > Electric Kettles": 41002004,
    "Kitchen > Skillets": 41001002,
    "Kitchen > Stock Pots": 41001004,
    "Kitchen > Flatware": 41003003,
    "Kitchen > Mugs": 41003002,
    "Home > Sheets": 42001001,
    "Home > Pillows": 42001002,
    "Home > Throws": 42001003,
    "Home > Table Lamps": 42002001,
    "Home > Floor Lamps": 42002002,
    "Home > Storage": 42003001,
    "Toys > Puzzles": 43002003,
    "Toys > Building Blocks": 43001001,
    "Clothing > Shirts": 44001003,
    "Clothing > T-Shirts": 44001001,
    "Clothing > Sweaters": 44001002,
    "Pets > Dog Beds": 45001002,
    "Pets > Leashes": 45001003,
    "Pets > Chew Toys": 45001004,
    "Pets > Scratching Posts": 45002003,
    "Sports > Yoga": 46001002,
    "Sports > Bands": 46001003,
    "Sports > Tents": 46002001,
    "Sports > Sleeping": 46002002,
    "Sports > Bottles": 46002003,
    "Sports > Stoves": 46002004,
    "Garden > Planters": None,
}
UNMAPPED = "Garden > Planters"

_ROWS = [
    _single("HF-KET-25", "Copper Whistling Kettle, 2.5 Quart", "Harrow & Finch", "Kitchen > Kettles", "kettle", "38.50", "3.25"),
    _single("HF-KET-30", "Steel Whistling Kettle, 3 Quart", "Harrow & Finch", "Kitchen > Kettles", "kettle", "34.00", "3.10"),
    _single("HF-KET-E1", "Electric Gooseneck Kettle, 1 Quart", "Harrow & Finch", "Kitchen > Electric Kettles", "kettle", "64.95", "2.80"),
    _single("HF-TEA-06", "Cast Iron Stovetop Teapot", "Harrow & Finch", "Kitchen > Kettles", "kettle", "42.00", "4.40"),
    *_family("HF-SKL", "Carbon Steel Skillet", "Harrow & Finch", "Kitchen > Skillets", "pan", "41.00", "4.10", "Diameter", ["8 Inch", "10 Inch", "12 Inch"]),
    _single("HF-GRD-11", "Cast Iron Griddle Skillet, 11 Inch", "Harrow & Finch", "Kitchen > Skillets", "pan", "36.25", "7.15"),
    _single("HF-DUT-55", "Enamelled Stockpot, 5.5 Quart", "Harrow & Finch", "Kitchen > Stock Pots", "pan", "118.00", "12.60"),
    _single("HF-STP-80", "Stockpot with Strainer Lid, 8 Quart", "Harrow & Finch", "Kitchen > Stock Pots", "pan", "72.50", "6.30"),
    _single("ORB-FLT-20", "Brushed Steel Flatware, 20 Pieces", "Orban", "Kitchen > Flatware", "flatware", "79.00", "3.62"),
    _single("ORB-FLT-45", "Brushed Steel Flatware, 45 Pieces", "Orban", "Kitchen > Flatware", "flatware", "149.00", "7.80"),
    _single("ORB-STK-4", "Steak Knives, Set of 4", "Orban", "Kitchen > Flatware", "flatware", "58.00", "0.95"),
    *_family("ORB-MUG", "Stoneware Mug, 12 Ounce", "Orban", "Kitchen > Mugs", "mug", "16.00", "1.05", "Color", ["White", "Slate", "Sage", "Rust"]),
    *_family("LUM-SHT", "Percale Sheet Set", "Lumen Linen", "Home > Sheets", "bedding", "98.00", "4.30", "Size", ["Twin", "Full", "Queen", "King"]),
    _single("LUM-PLW-2", "Down Alternative Pillow, Pack of 2", "Lumen Linen", "Home > Pillows", "bedding", "46.00", "4.90"),
    *_family("LUM-THR", "Lambswool Throw", "Lumen Linen", "Home > Throws", "bedding", "84.00", "2.40", "Color", ["Charcoal", "Oat", "Moss"]),
    _single("NOR-DSK-1", "Brass Desk Lamp with Dimmer", "Nordlys", "Home > Table Lamps", "lamp", "89.00", "4.75"),
    _single("NOR-NGT-3", "Ceramic Bedside Lamp", "Nordlys", "Home > Table Lamps", "lamp", "54.50", "3.05"),
    _single("NOR-FLR-2", "Oak Tripod Floor Lamp", "Nordlys", "Home > Floor Lamps", "lamp", "164.00", "11.20"),
    *_family("NOR-BIN", "Felt Storage Bin", "Nordlys", "Home > Storage", "storage", "28.00", "1.60", "Color", ["Grey", "Ochre", "Forest", "Plum", "Sand"]),
    _single("TIM-PZ-500", "Harbour at Dusk Puzzle, 500 Pieces", "Timberjay", "Toys > Puzzles", "puzzle", "16.50", "1.20"),
    _single("TIM-PZ-1000", "Botanical Plate Puzzle, 1000 Pieces", "Timberjay", "Toys > Puzzles", "puzzle", "21.50", "1.75"),
    _single("TIM-PZ-W12", "Wooden Shape Puzzle, 12 Pieces", "Timberjay", "Toys > Puzzles", "puzzle", "14.00", "0.90"),
    _single("TIM-BLK-60", "Maple Building Blocks, Set of 60", "Timberjay", "Toys > Building Blocks", "blocks", "44.00", "4.60"),
    _single("TIM-MRB-90", "Marble Run Blocks, 90 Pieces", "Timberjay", "Toys > Building Blocks", "blocks", "39.95", "3.95"),
    *_family("ALD-OXF", "Oxford Shirt", "Aldergate", "Clothing > Shirts", "shirt", "52.00", "0.75", "Size", ["Small", "Medium", "Large", "X-Large"]),
    *_family("ALD-TEE", "Heavyweight T-Shirt", "Aldergate", "Clothing > T-Shirts", "shirt", "26.00", "0.50", "Size", ["Small", "Medium", "Large"]),
    *_family("ALD-SWT", "Merino Crew Sweater", "Aldergate", "Clothing > Sweaters", "shirt", "88.00", "0.90", "Size", ["Small", "Medium", "Large"]),
    _single("BAR-LSH-6", "Rope Dog Leash, 6 Foot", "Barkwell", "Pets > Leashes", "dog", "22.00", "0.60"),
    _single("BAR-BED-L", "Orthopedic Dog Bed, Large", "Barkwell", "Pets > Dog Beds", "dog", "96.00", "7.90"),
    _single("BAR-BED-S", "Orthopedic Dog Bed, Small", "Barkwell", "Pets > Dog Beds", "dog", "62.00", "4.10"),
    _single("BAR-CHW-3", "Natural Rubber Chew Toys, Set of 3", "Barkwell", "Pets > Chew Toys", "dog", "18.75", "1.30"),
    _single("BAR-CTR-3", "Sisal Scratching Post", "Barkwell", "Pets > Scratching Posts", "dog", "48.00", "9.40"),
    _single("STI-MAT-5", "Natural Rubber Yoga Mat, 5 mm", "Stillwater", "Sports > Yoga", "yoga", "68.00", "5.20"),
    _single("STI-MAT-3", "Travel Yoga Mat, 3 mm", "Stillwater", "Sports > Yoga", "yoga", "54.00", "2.90"),
    _single("STI-BND-5", "Resistance Bands, Set of 5", "Stillwater", "Sports > Bands", "yoga", "27.00", "1.10"),
    _single("CAI-TNT-2", "Two-Person Trekking Tent", "Cairnfield", "Sports > Tents", "tent", "219.00", "5.60"),
    _single("CAI-BAG-20", "Sleeping Bag, 20 Degree", "Cairnfield", "Sports > Sleeping", "tent", "134.00", "3.35"),
    _single("CAI-STV-1", "Compact Canister Stove", "Cairnfield", "Sports > Stoves", "tent", "49.00", "0.35"),
    _single("CAI-BTL-32", "Steel Water Bottle, 32 Ounce", "Cairnfield", "Sports > Bottles", "tent", "29.50", "0.85"),
]  # fmt: skip

# SKU -> what is wrong with it. Each is a case that the readiness checklist explains.
FAULTS = {
    "ORB-STK-4": "code",
    "NOR-FLR-2": "image",
    "TIM-PZ-W12": "brand",
    "BAR-CTR-3": "weight",
    "CAI-STV-1": "category",
    "ALD-TEE-LAR": "stock",
}


def goods() -> list[Good]:
    """All SKUs of the demo, always the same."""
    made: list[Good] = []
    for number, (sku, title, brand, category, picture, price, weight, options, family) in enumerate(
        _ROWS, start=1
    ):
        fault = FAULTS.get(sku, "")
        made.append(
            Good(
                sku=sku,
                title=title,
                brand="" if fault == "brand" else brand,
                category=UNMAPPED if fault == "category" else category,
                price=Decimal(price),
                quantity=0 if fault == "stock" else 4 + number * 7 % 38,
                weight=Decimal(0) if fault == "weight" else Decimal(weight),
                number=number,
                picture="" if fault == "image" else picture,
                options=options,
                family=family,
                fault=fault,
            )
        )
    return made
