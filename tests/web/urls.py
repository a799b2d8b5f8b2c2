"""The site with one more page, to see what the middleware does by itself."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from secondop import urls


def echo(request: HttpRequest) -> HttpResponse:
    """Answer every method there is."""
    return HttpResponse("seen")


urlpatterns = [path("echo/", echo), path("echo/<str:word>/", echo), *urls.urlpatterns]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
