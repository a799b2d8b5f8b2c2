"""Addresses of what health documents say."""

from django.urls import path

from . import views

urlpatterns = [
    path("<uuid:uid>/health/", views.health, name="health"),
    path("<uuid:uid>/health/panel/", views.panel, name="health_panel"),
    path("<uuid:uid>/<uuid:record_uid>/health/", views.told, name="told"),
]
