"""Addresses that only take forms, opened like a page: by loading them again, from the history, or from a link that was kept."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse

from secondop.accounts.signed_in import Asked

from .errors import ways

# Where the form is, unless its page is the nearest one above the address.
FORM_IS_ON = {
    "records:remove": "records:list",
    **dict.fromkeys(
        ("opinions:return", "opinions:release", "opinions:second_ask", "opinions:second_recall", "opinions:rerender"), "opinions:check"
    ),
}


class FormsOnly:
    """Answers a person with a page that leads to the form, and still with 405; scripts get the bare answer."""

    def __init__(self, get_response: Callable[[Asked], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Asked) -> HttpResponse:
        """Answer the request."""
        response = self.get_response(request)
        is_person = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate" and not request.htmx
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or request.method != "GET" or not is_person:
            return response
        page = render(request, "405.html", {**ways(request), "form_page": form_page(request)}, status=response.status_code)
        page["Allow"] = response["Allow"]
        return page


def form_page(request: Asked) -> str:
    """The address of the page that has the form."""
    match = request.resolver_match
    if match and match.view_name in FORM_IS_ON:
        return reverse(FORM_IS_ON[match.view_name], args=[match.kwargs["uid"]])
    above = request.path.rstrip("/")
    while above:
        above = above.rpartition("/")[0]
        try:
            resolve(f"{above}/")
        except Resolver404:
            continue
        return f"{above}/"
    return reverse("home")
