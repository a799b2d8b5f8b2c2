"""Addresses of the public pages, the way home after sign-in, and health."""

from django.conf import settings
from django.urls import path

from . import health, views
from .public import PAGES

urlpatterns = [
    *(path(page.path, getattr(views, page.name), name=page.name) for page in PAGES.values()),
    path("me/", views.home_for_me, name="home_for_me"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
if settings.DEBUG:
    urlpatterns.append(path("styleguide/", views.styleguide, name="styleguide"))
