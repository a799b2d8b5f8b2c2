"""Addresses about records that others hold, under /records/."""

from django.urls import path

from . import views
from .drop import drop

ONE = "<uuid:uid>/requests/<uuid:request_uid>/"
urlpatterns = [
    path("requests/", views.ledger, name="ledger"),
    path("drop/<str:drop_secret>/", drop, name="drop"),
    path("<uuid:uid>/requests/", views.listing, name="requests"),
    path("<uuid:uid>/requests/new/", views.new, name="request_new"),
    path(ONE, views.one, name="request"),
    path(ONE + "letters/<slug:letter_part>/", views.letter, name="request_letter"),
    path(ONE + "<slug:request_act>/", views.act, name="request_act"),
]
