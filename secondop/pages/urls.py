"""Addresses of the public pages, the way home after sign-in, and health."""

from django.conf import settings
from django.urls import path

from . import health, views

urlpatterns = [
    path("", views.home, name="home"),
    path("me/", views.home_for_me, name="home_for_me"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
if settings.DEBUG:
    urlpatterns.append(path("styleguide/", views.styleguide, name="styleguide"))
