"""Addresses that other programs call without a log-in of the panel."""

from __future__ import annotations

from django.urls import re_path

from orders.shipstation.endpoint import shipstation

# The slash is optional: a redirect would lose the body of a report.
urlpatterns = [re_path(r"^shipstation/(?P<shop>[-a-zA-Z0-9_]+)/?$", shipstation, name="shipstation")]
