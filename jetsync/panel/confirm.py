"""The confirm page before destructive or many-row actions: what, how many, what follows.

    class Archive(ConfirmPage):
        right, write_right = Right.PRODUCTS_VIEW, Right.PRODUCTS_PUBLISH
        page_key, noun = "products", ("product", "products")
        danger, confirm_label = True, "Archive"

        def get_title(self, target): return f"Archive {self.count_words(target)}"
        def get_consequences(self, target): return ["Shoppers can no longer buy them.", "Their quantity becomes 0."]
        def perform(self, target, form):
            operation = archive_products(self.request.merchant, target.ids, actor=self.request.actor)
            say(self.request, "success", f"Archiving {self.count_words(target)} has begun.")
            return operation_url(operation)

For one object override `get_target(self, **kwargs)` with the app's `get_*` function.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from jetsync.exceptions import DomainError, NotFound
from jetsync.ids import parse_id
from jetsync.models import Operation, Selection
from jetsync.panel.rendering import local_zone
from jetsync.queries.saved_view import get_selection
from jetsync.tenancy.views import MerchantView

# Names shown before "and N more".
SHOWN_NAMES = 12


def operation_url(operation: Operation) -> str:
    """The progress page of an operation, where a confirm page usually leads."""
    from django.urls import reverse  # noqa: PLC0415 -- the urlconf imports the views

    return reverse(
        "panel:operation-detail", kwargs={"merchant_slug": operation.merchant.slug, "pk": operation.pk}
    )


class ConfirmPage(MerchantView):
    """GET asks, POST performs. Domain errors come back on the page with their hint."""

    page_key: str = ""
    title: str = "Please confirm"
    noun: tuple[str, str] = ("object", "objects")
    confirm_label: str = "Confirm"
    danger: bool = False
    form_class: type[forms.BaseForm] | None = None
    template_name = "generic/confirm.html"

    # --- hooks ---------------------------------------------------------------------------------------------

    def get_target(self, **kwargs: Any) -> Any:  # noqa: ARG002 -- hook
        """What is acted on: by default the selection named in the address. Raises NotFound."""
        number, user = parse_id(self.request.GET.get("selection")), self.request.actor.user
        if not number or user is None:
            raise NotFound("Nothing is selected.", hint="Go back to the list and tick some rows.")
        return get_selection(self.request.merchant, self.page_key, number, user)

    def get_title(self, target: Any) -> str:  # noqa: ARG002 -- hook
        return self.title

    def get_count(self, target: Any) -> int:
        return len(target.ids) if isinstance(target, Selection) else 1

    def get_names(self, target: Any) -> Sequence[str]:
        """The names of the first objects; the page adds "and N more"."""
        return () if isinstance(target, Selection) else (str(target),)

    def get_consequences(self, target: Any) -> Sequence[str]:  # noqa: ARG002 -- hook
        """Sentences about what follows."""
        return ()

    def get_blockers(self, target: Any) -> Sequence[str]:  # noqa: ARG002 -- hook
        """Reasons why it cannot be done now; the button is then disabled."""
        return ()

    def get_cancel_url(self, target: Any) -> str:  # noqa: ARG002 -- hook
        return str(self.request.headers.get("Referer", "")) if self._came_from_here() else "../"

    def get_form_kwargs(self, target: Any) -> dict[str, Any]:  # noqa: ARG002 -- hook
        return {}

    def extra_context(self, target: Any) -> dict[str, Any]:  # noqa: ARG002 -- hook
        return {}

    def perform(self, target: Any, form: Any) -> HttpResponse | str:  # noqa: ARG002 -- hook
        """Does it and returns the address to go on to. `form` is valid, or None without `form_class`."""
        raise TypeError(f"{type(self).__name__} defines no perform")

    # --- answering -----------------------------------------------------------------------------------------

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with timezone.override(local_zone()):
            return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 -- Django's signature
        target = self.get_target(**kwargs)
        return self._page(target, self._form(target, None))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 -- Django's signature
        target = self.get_target(**kwargs)
        form = self._form(target, request.POST)
        if form is not None and not form.is_valid():
            return self._page(target, form, status=400)
        if blockers := self.get_blockers(target):
            return self._page(target, form, status=409, error=DomainError(blockers[0]))
        try:
            result = self.perform(target, form)
        except DomainError as error:
            return self._page(target, form, status=error.status, error=error)
        return HttpResponseRedirect(result) if isinstance(result, str) else result

    def count_words(self, target: Any) -> str:
        count = self.get_count(target)
        return f"{count:,} {self.noun[0] if count == 1 else self.noun[1]}"

    def _form(self, target: Any, data: Any) -> Any:
        if self.form_class is None:
            return None
        files = self.request.FILES if data is not None else None
        return self.form_class(data, files, **self.get_form_kwargs(target))

    def _came_from_here(self) -> bool:
        """True when the person came from another page of this merchant, which is then the way back."""
        referer = self.request.headers.get("Referer", "")
        here = self.request.build_absolute_uri(self.request.path)
        home = self.request.build_absolute_uri(f"/m/{self.request.merchant.slug}/")
        return referer.startswith(home) and not referer.startswith(here)

    def _kept_cancel_url(self) -> str:
        """The way back as it stood on the page that was sent, if it leads to this panel."""
        url = self.request.POST.get("cancel_url", "")
        return url if url_has_allowed_host_and_scheme(url, {self.request.get_host()}) else ""

    def _page(
        self, target: Any, form: Any, *, status: int = 200, error: DomainError | None = None
    ) -> HttpResponse:
        count, names = self.get_count(target), list(self.get_names(target))[:SHOWN_NAMES]
        context = {
            "page_title": self.get_title(target),
            "target": target,
            "count_words": self.count_words(target),
            "names": names,
            "more_count": max(0, count - len(names)) if names else 0,
            "description": target.description if isinstance(target, Selection) else "",
            "consequences": self.get_consequences(target),
            "blockers": self.get_blockers(target),
            "form": form,
            "error": error,
            "danger": self.danger,
            "confirm_label": self.confirm_label,
            "cancel_url": self._kept_cancel_url() or self.get_cancel_url(target),
            **self.extra_context(target),
        }
        return render(self.request, self.template_name, context, status=status)
