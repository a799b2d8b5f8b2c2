"""Addresses of tus, the only ones that know PATCH and DELETE; a proxy may treat all of them alike."""

from django.urls import path

from ..models import Purpose
from . import views

urlpatterns = [
    path("<uuid:uid>/", views.creation, name="upload_begin"),
    path("<uuid:uid>/papers/", views.creation, {"purpose": Purpose.AUTHORITY}, name="upload_begin_papers"),
    path("<uuid:uid>/<uuid:upload_uid>/", views.one, name="upload_part"),
]
