"""Addresses of exceptions."""

from __future__ import annotations

from django.urls import URLPattern, path

from catalog.views import exceptions

SKU = "products/variants/<int:pk>"
urlpatterns: list[URLPattern] = [
    path(f"{SKU}/shipping-exceptions/", exceptions.shipping_exceptions, name="shipping-exceptions"),
    path(f"{SKU}/shipping-exceptions/new/", exceptions.shipping_exception_new, name="shipping-exception-new"),
    path(
        "products/shipping-exceptions/<int:pk>/",
        exceptions.shipping_exception_edit,
        name="shipping-exception-edit",
    ),
    path(
        "products/shipping-exceptions/<int:pk>/delete/",
        exceptions.DeleteShippingException.as_view(),
        name="shipping-exception-delete",
    ),
    path(f"{SKU}/return-exceptions/", exceptions.return_exception, name="return-exceptions"),
    path(
        f"{SKU}/return-exceptions/delete/",
        exceptions.DeleteReturnException.as_view(),
        name="return-exception-delete",
    ),
    path("products/copy-exceptions/", exceptions.CopyExceptions.as_view(), name="exceptions-copy"),
]
