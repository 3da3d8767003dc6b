"""Closed word lists of the SKU, variation and exception calls."""

from __future__ import annotations

CODE_LENGTHS = {"UPC": 12, "EAN": 13, "ISBN-10": 10, "ISBN-13": 13, "GTIN-14": 14}
NO_WARNING = "no warning applicable"
CPSIA_STATEMENTS = (
    NO_WARNING,
    "choking hazard small parts",
    "choking hazard is a small ball",
    "choking hazard is a marble",
    "choking hazard contains a small ball",
    "choking hazard contains a marble",
    "choking hazard balloon",
)
MAP_NO_RESTRICTION, MAP_MEMBERS_ONLY, MAP_NEVER = "101", "102", "103"
MAP_IMPLEMENTATIONS = (MAP_NO_RESTRICTION, MAP_MEMBERS_ONLY, MAP_NEVER)

TAX_CODES = (
    "Toilet Paper", "Thermometers", "Sweatbands", "SPF Suncare Products", "Sparkling Water", "Smoking Cessation",
    "Shoe Insoles", "Safety Clothing", "Pet Foods", "Paper Products", "OTC Pet Meds", "OTC Medication",
    "Oral Care Products", "Non-Motorized Boats", "Non Taxable Product", "Mobility Equipment",
    "Medicated Personal Care Items", "Infant Clothing", "Helmets", "Handkerchiefs", "Generic Taxable Product",
    "General Grocery Items", "General Clothing", "Fluoride Toothpaste", "Feminine Hygiene Products",
    "Durable Medical Equipment", "Drinks under 50 Percent Juice", "Disposable Wipes", "Disposable Infant Diapers",
    "Dietary Supplements", "Diabetic Supplies", "Costumes", "Contraceptives", "Contact Lens Solution",
    "Carbonated Soft Drinks", "Car Seats", "Candy with Flour", "Candy", "Breast Pumps", "Braces and Supports",
    "Bottled Water Plain", "Beverages with 51 to 99 Percent Juice", "Bathing Suits", "Bandages and First Aid Kits",
    "Baby Supplies", "Athletic Clothing", "Adult Diapers", "Magazines", "Productivity Software", "N/A - Inactive",
    "School Supplies", "Computers and Computer Components", "Hurricane Prepardness Supplies", "Generators",
)  # fmt: skip

SERVICE_LEVELS = (
    "Second Day", "Next Day", "Priority", "Expedited", "Standard", "Scheduled (freight)", "5 to 10 Day",
    "11 to 20 Day", "Scheduled (freight 11 to 20 day)",
)  # fmt: skip
# Spellings of the older clients.
SERVICE_LEVELS_OLD = ("SecondDay", "NextDay", "Scheduled", "Scheduled(freight)")
SHIPPING_METHODS = (
    "DHL Global Mail", "FedEx 2 Day", "FedEx Express Saver", "FedEx First Overnight", "FedEx Ground",
    "FedEx Home Delivery", "FedEx Priority Overnight", "FedEx Smart Post", "FedEx Standard Overnight", "Freight",
    "Ontrac Ground", "UPS 2nd Day Air AM", "UPS 2nd Day Air", "UPS 3 Day Select", "UPS Ground",
    "UPS Mail Innovations", "UPS Next Day Air Saver", "UPS Next Day Air", "UPS SurePost", "USPS First Class Mail",
    "USPS Media Mail", "USPS Priority Mail Express", "USPS Priority Mail", "USPS Standard Post",
)  # fmt: skip
OVERRIDE_CHARGE, ADDITIONAL_CHARGE = "Override charge", "Additional charge"
OVERRIDE_TYPES = (OVERRIDE_CHARGE, ADDITIONAL_CHARGE)
EXCLUSIVE, RESTRICTED, INCLUDE = "exclusive", "restricted", "include"
VARIATION, ACCESSORY = "Variation", "Accessory"
