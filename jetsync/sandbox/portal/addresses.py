"""The portal's addresses alone, for building links.

The API's patterns match in any case, which Django cannot turn back into addresses; a lookup over all of them fails.
"""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("", include("jetsync.sandbox.portal_urls"))]
