"""What of the orders' tables is not in the export of a store's data, and why."""

from jetsync.export.tables import leave_out_columns

leave_out_columns("orders.ShipStationConnection", {"key_hash": "A check value of a secret."})
