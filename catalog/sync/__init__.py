"""Where catalogue rows meet the Jet client. Importing this package registers the job handlers and schedules."""

from catalog.sync import deltas, exceptions, files, imports, profiles, publish, status, taxonomy

__all__ = ["deltas", "exceptions", "files", "imports", "profiles", "publish", "status", "taxonomy"]
