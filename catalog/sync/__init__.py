"""Where catalogue rows meet the Jet client. Importing this package registers the job handlers and schedules."""

from catalog.sync import deltas, files, imports, publish, status

__all__ = ["deltas", "files", "imports", "publish", "status"]
