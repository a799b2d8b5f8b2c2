"""Addresses of tus, the only ones that know PATCH and DELETE; a proxy may treat all of them alike."""

from django.urls import path

from ..models import Purpose
from . import dropping, views

urlpatterns = [
    path("drop/<str:drop_secret>/", dropping.creation, name="drop_begin"),
    path("drop/<str:drop_secret>/<uuid:came_uid>/", dropping.one, name="drop_part"),
    path("<uuid:uid>/", views.creation, name="upload_begin"),
    path("<uuid:uid>/papers/", views.creation, {"purpose": Purpose.AUTHORITY}, name="upload_begin_papers"),
    path("<uuid:uid>/<uuid:upload_uid>/", views.one, name="upload_part"),
]
