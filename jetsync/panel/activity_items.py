"""Menu entries of the activity pages."""

from __future__ import annotations

from jetsync.panel.items import MenuItem, register
from jetsync.queries.activity import failed_jobs_today, open_operations
from jetsync.queries.mail import lost_mails_today
from jetsync.tenancy.rights import Right

VIEW = Right.ACTIVITY_VIEW

register(
    MenuItem(
        "Activity",
        "Operations",
        "panel:operation-list",
        VIEW,
        10,
        ("progress", "bulk", "undo"),
        open_operations,
    ),
    MenuItem("Activity", "Schedules", "panel:schedule-list", VIEW, 20, ("cron", "job status", "run now")),
    MenuItem(
        "Activity", "Jobs", "panel:job-list", VIEW, 30, ("queue", "failed", "outbox"), failed_jobs_today
    ),
    MenuItem(
        "Activity", "Calls", "panel:call-list", VIEW, 40, ("error log", "jet errors", "requests", "api")
    ),
    MenuItem(
        "Activity",
        "Mail",
        "panel:mail-list",
        VIEW,
        45,
        ("sent mails", "e-mail", "notification"),
        lost_mails_today,
    ),
    MenuItem(
        "Activity",
        "Search the log",
        "panel:trail",
        VIEW,
        48,
        ("find", "trail", "history of an order", "export log", "error log", "who"),
    ),
    MenuItem("Activity", "Log", "panel:log-list", VIEW, 50, ("audit", "history", "who", "enable log")),
    MenuItem("Activity", "Notices", "panel:notice-list", Right.HOME_VIEW, 60, ("bell", "notifications")),
)
