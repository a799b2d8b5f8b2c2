"""Addresses of the images of a case."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.tree, name="imaging"),
    path("people/<uuid:identity_uid>/", views.identity, name="identity"),
    path("people/<uuid:identity_uid>/answer/", views.answer, name="identity_answer"),
    path("people/<uuid:identity_uid>/decide/", views.decide, name="identity_decide"),
    path("<uuid:series_uid>/", views.series, name="series"),
    path("<uuid:series_uid>/remove/", views.remove_series, name="series_remove"),
]
