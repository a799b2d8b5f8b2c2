"""Addresses of a person's notices."""

from django.urls import path

from . import numbers, views

app_name = "inbox"
urlpatterns = [
    path("", views.notices, name="list"),
    path("read/", views.read_all, name="read_all"),
    path("choices/", views.choices, name="choices"),
    path("number/", numbers.number, name="number"),
    path("number/code/", numbers.number_code, name="number_code"),
    path("number/remove/", numbers.number_remove, name="number_remove"),
    path("stop/<str:stop_secret>/", views.stop, name="stop"),
    path("<uuid:told_uid>/open/", views.open_one, name="open"),
]
