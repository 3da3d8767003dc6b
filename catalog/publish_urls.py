"""Addresses of publishing and bulk files."""

from __future__ import annotations

from django.urls import path

from catalog.views import publish

urlpatterns = [
    path("publish/upload/", publish.UploadPage.as_view(), name="publish-upload"),
    path("publish/archive/", publish.ArchivePage.as_view(), name="publish-archive"),
    path("publish/unarchive/", publish.UnarchivePage.as_view(), name="publish-unarchive"),
    path("publish/sync/", publish.SyncPage.as_view(), name="publish-sync"),
    path("publish/status/", publish.StatusPage.as_view(), name="publish-status"),
    path("products/variants/<int:pk>/publish/", publish.publish_one, name="publish-one"),
    path("files/", publish.FileList.as_view(), name="file-list"),
    path("files/<int:pk>/", publish.file_detail, name="file-detail"),
]
