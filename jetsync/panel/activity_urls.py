"""Addresses of the frame's helpers and of the activity pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from jetsync.panel.views import (
    book,
    frame,
    guide,
    jobs,
    log,
    mails,
    notices,
    operations,
    schedules,
    support,
    trail,
)

public: list[URLPattern | URLResolver] = [
    path("merchants/", frame.merchants, name="merchants"),
    path("merchants/switcher/", frame.switcher, name="switcher"),
    path("run/<str:token>/", schedules.call, name="schedule-call"),
    path("ui/", book.pattern_book, name="pattern-book"),
]
merchant: list[URLPattern | URLResolver] = [
    path("badges/", frame.badges, name="badges"),
    path("bell/", frame.bell, name="bell"),
    path("search/", frame.palette, name="palette"),
    path("help/", guide.help_index, name="help"),
    path("help/contact/", support.contact, name="support"),
    path("help/contact/<int:pk>/", support.detail, name="support-detail"),
    path("help/<slug:slug>/", guide.help_topic, name="help-topic"),
    path("about-jet/", frame.about_jet, name="about-jet"),
    path("notices/", notices.NoticeList.as_view(), name="notice-list"),
    path("notices/read/", notices.read_all, name="notice-read-all"),
    path("notices/<int:pk>/", notices.open_notice, name="notice-open"),
    path("operations/", operations.OperationList.as_view(), name="operation-list"),
    path("operations/<int:pk>/", operations.OperationDetail.as_view(), name="operation-detail"),
    path("operations/<int:pk>/cancel/", operations.cancel, name="operation-cancel"),
    path("operations/<int:pk>/retry/", operations.retry, name="operation-retry"),
    path("operations/<int:pk>/undo/", operations.Undo.as_view(), name="operation-undo"),
    path("operations/<int:pk>/failed.csv", operations.failed_rows, name="operation-failed-rows"),
    path("schedules/", schedules.ScheduleList.as_view(), name="schedule-list"),
    path("schedules/<int:pk>/", schedules.detail, name="schedule-detail"),
    path("schedules/<int:pk>/address/", schedules.new_address, name="schedule-address"),
    path("schedules/<int:pk>/run/", schedules.run, name="schedule-run"),
    path("schedules/<int:pk>/pause/", schedules.pause, name="schedule-pause"),
    path("jobs/", jobs.JobList.as_view(), name="job-list"),
    path("jobs/<int:pk>/", jobs.detail, name="job-detail"),
    path("jobs/<int:pk>/retry/", jobs.retry, name="job-retry"),
    path("jobs/<int:pk>/cancel/", jobs.cancel, name="job-cancel"),
    path("calls/", jobs.CallList.as_view(), name="call-list"),
    path("calls/<int:pk>/", jobs.call_detail, name="call-detail"),
    path("mails/", mails.MailList.as_view(), name="mail-list"),
    path("mails/<int:pk>/", mails.mail_detail, name="mail-detail"),
    path("mails/<int:pk>/letter/", mails.mail_frame, name="mail-frame"),
    path("mails/<int:pk>/again/", mails.mail_again, name="mail-again"),
    path("log/", log.LogList.as_view(), name="log-list"),
    path("log/search/", trail.search, name="trail"),
    path("log/clear/", log.clear, name="log-clear"),
    path("log/restore/", log.restore, name="log-restore"),
]
