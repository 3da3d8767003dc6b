"""`/api` is Jet's, `/control` ours for tests, `/` the partner portal's."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from jetsync.sandbox.http import message


@csrf_exempt
def unknown_call(request: HttpRequest) -> HttpResponse:
    address = request.build_absolute_uri()
    return message(404, f"No HTTP resource was found that matches the request URI '{address}'.")


@csrf_exempt
def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    return message(500, "An error has occurred.")


handler500 = "jetsync.sandbox.urls.server_error"

urlpatterns = [
    path("api/", include("jetsync.sandbox.api_urls_products")),
    path("api/", include("jetsync.sandbox.api_urls_orders")),
    re_path(r"^api(?:/.*)?$", unknown_call),
    path("blob/", include("jetsync.sandbox.blob_urls")),
    path("control/", include("jetsync.sandbox.control_urls")),
    path("", include("jetsync.sandbox.portal_urls")),
]
