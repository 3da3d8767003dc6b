"""What of the catalogue is not in the export of a store's data, and why."""

from jetsync.export.tables import add_files, leave_out, leave_out_columns, name_units

leave_out("catalog.CsvBefore", "Values of before an import, kept for a while for its undo.")
_TREE = "Jet's category tree, also one that you imported yourself from Jet's files."
for _model in ("TaxonomyVersion", "JetCategory", "JetAttribute", "JetAttributeValue", "JetCategoryAttribute"):
    leave_out(f"catalog.{_model}", _TREE)

leave_out_columns("catalog.CsvUpload", {"token": "Part of the place of a file on our disk."})
leave_out_columns(
    "catalog.BulkFile",
    {
        "upload_url": "An address with Jet's signature in it.",
        "manifest": "Our list of what the file carries; the file itself is in the zip.",
    },
)
add_files("catalog.CsvUpload", "file", name="original_name", what="As they were uploaded.")
add_files(
    "catalog.BulkFile",
    "content",
    name="name",
    what="What was sent to Jet, packed by gzip; kept for 90 days.",
    ending=".gz",
)

name_units("catalog.Variant", number_units_for_price_per_unit="units of type_of_unit_for_price_per_unit")
