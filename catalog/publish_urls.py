"""Addresses of publishing: actions on many products, bulk files, errors, drift."""

from __future__ import annotations

from django.urls import path

from catalog.views import drift, dry_run, errors, files, publish

urlpatterns = [
    path("publish/upload/", publish.UploadPage.as_view(), name="publish-upload"),
    path("publish/archive/", publish.ArchivePage.as_view(), name="publish-archive"),
    path("publish/unarchive/", publish.UnarchivePage.as_view(), name="publish-unarchive"),
    path("publish/sync/", publish.SyncPage.as_view(), name="publish-sync"),
    path("publish/status/", publish.StatusPage.as_view(), name="publish-status"),
    path("publish/many/", publish.mass_upload, name="mass-upload"),
    path("publish/dry-run/", dry_run.dry_run, name="dry-run"),
    path("products/variants/<int:pk>/publish/", publish.publish_one, name="publish-one"),
    path("products/variants/<int:pk>/at-jet/", drift.at_jet, name="variant-at-jet"),
    path("files/", files.FileList.as_view(), name="file-list"),
    path("files/fetch/", files.files_fetch, name="files-fetch"),
    path("files/clear/", files.FilesClear.as_view(), name="files-clear"),
    path("files/delete/", files.FilesDelete.as_view(), name="files-delete"),
    path("files/resubmit/", files.FilesResubmit.as_view(), name="files-resubmit"),
    path("files/<int:pk>/", files.file_detail, name="file-detail"),
    path("files/<int:pk>/content/", files.file_content, name="file-content"),
    path("files/<int:pk>/resubmit/", files.FileResubmit.as_view(), name="file-resubmit"),
    path("files/<int:pk>/delete/", files.FilesDelete.as_view(), name="file-delete"),
    path("errors/", errors.errors, name="errors"),
    path("errors/gaps/", errors.gaps, name="error-gaps"),
    path("errors/resend/", errors.ErrorsResend.as_view(), name="errors-resend"),
    path("errors/clear/", errors.ErrorsClear.as_view(), name="errors-clear"),
    path("errors/table/", errors.errors_table, name="errors-table"),
    path("errors/<slug:key>/", errors.ErrorGroupPage.as_view(), name="error-group"),
    path("errors/<slug:key>/resend/", errors.ErrorsResend.as_view(), name="error-resend"),
    path("errors/<slug:key>/table/", errors.errors_table, name="error-table"),
    path("drift/", drift.DriftPage.as_view(), name="drift"),
    path("drift/read/", drift.read_all, name="drift-read"),
    path("drift/ours/", drift.SendOurs.as_view(), name="drift-ours"),
    path("drift/theirs/", drift.TakeTheirs.as_view(), name="drift-theirs"),
]
