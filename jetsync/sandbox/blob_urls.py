from __future__ import annotations

from django.urls import path

from jetsync.sandbox.views import blobs

urlpatterns = [
    path("merchant-files/<str:file_id>", blobs.blob),
    path("merchant-files/<str:file_id>/errors", blobs.blob_errors),
    path("reports/<str:report_id>", blobs.report),
]
