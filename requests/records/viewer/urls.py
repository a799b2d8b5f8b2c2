"""Addresses of the viewer, below those of a case's records."""

from django.urls import path

from . import views

urlpatterns = [
    path("<uuid:series_uid>/", views.viewer, name="viewer"),
    path("<uuid:series_uid>/index/", views.index, name="viewer_index"),
    path("<uuid:series_uid>/frames/", views.frames, name="viewer_frames"),
    path("<uuid:series_uid>/again/", views.prepare_again, name="viewer_again"),
    path("<uuid:series_uid>/picture/", views.picture, name="viewer_picture"),
]
