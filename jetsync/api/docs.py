"""OpenAPI and its offline page; both need a log-in. The page's library writes inline styles, so its policy differs."""

from __future__ import annotations

from typing import Any, NoReturn

from csp.decorators import csp_update
from django.contrib.auth.views import redirect_to_login
from django.utils.decorators import method_decorator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import TemplateHTMLRenderer
from rest_framework.views import APIView

from jetsync.api import schema


class ForBrowsers(APIView):
    """Asks for a log-in of the panel. A token belongs to one merchant, and these addresses to none."""

    authentication_classes = (SessionAuthentication,)
    permission_classes = (IsAuthenticated,)

    def handle_exception(self, exc: Exception) -> Any:
        """A browser that is not logged in is led to the log-in, and from there back here."""
        wants_page = "text/html" in self.request.headers.get("Accept", "")
        if isinstance(exc, NotAuthenticated) and wants_page and "Authorization" not in self.request.headers:
            return redirect_to_login(self.request.get_full_path())
        return super().handle_exception(exc)

    def permission_denied(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise NotAuthenticated(
            "This address wants a browser that is logged in; an API token does not open it."
        )


class SchemaView(ForBrowsers, SpectacularAPIView):
    pass


@extend_schema(exclude=True)
@method_decorator(csp_update({"style-src": ["'self'", "'unsafe-inline'"]}), name="dispatch")
class DocsView(ForBrowsers, SpectacularSwaggerSplitView):
    renderer_classes = [TemplateHTMLRenderer]
    url_name = "api-schema"

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """The page itself, or with `?script` the script that starts it."""
        return super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]  # drf-spectacular is half typed


__all__ = ["DocsView", "SchemaView", "schema"]  # importing schema registers the token with the generator
