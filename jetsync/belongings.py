"""What of the kernel's tables is not in the export of a store's data, and why."""

from jetsync.export.tables import add_columns, leave_out, leave_out_columns, name_units

leave_out(
    "jetsync.IdempotencyKey",
    "Answers of the API kept for a day to be repeated; they say what other tables say.",
)
leave_out("jetsync.JobRequest", "Work in the moment before it becomes a job.")
leave_out("jetsync.QueueTurn", "Whose turn it is at our workers.")
leave_out("jetsync.Selection", "Ticks on a list, kept for a day.")
leave_out(
    "jetsync.SupportSession", "Our staff's records. When support looked in, and why, stands in the log."
)

_HASH = "A check value of a secret."
leave_out_columns("jetsync.ApiToken", {"token_hash": _HASH})
leave_out_columns("jetsync.Invitation", {"token_hash": _HASH})
leave_out_columns("jetsync.JetAccount", {"fingerprint": _HASH})
leave_out_columns("jetsync.ActivationStep", {"keys_mark": _HASH})
leave_out_columns("jetsync.Job", {"lease_token": "Tells our workers apart."})
leave_out_columns("jetsync.DataExport", {"token": "Part of the place of a file on our disk."})

add_columns(
    "jetsync.Membership", email="user__email", first_name="user__first_name", last_name="user__last_name"
)
add_columns("jetsync.ApiToken", email="user__email")

name_units("jetsync.Options", price_rule_amount="USD or percent, as price_rule says")
