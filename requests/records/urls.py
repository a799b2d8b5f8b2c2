"""Addresses of a case's records."""

from django.urls import include, path

from . import views
from .models import Purpose

app_name = "records"
urlpatterns = [
    path("", include("records.previews.urls")),
    path("", include("records.sourcing.urls")),
    path("", include("records.clinical.urls")),
    path("uploads/", include("records.tus.urls")),
    path("", include("records.tus.page_urls")),
    path("<uuid:uid>/", views.listing, name="list"),
    path("<uuid:uid>/upload/", views.upload, name="upload"),
    path("<uuid:uid>/papers/", views.papers, name="papers"),
    path("<uuid:uid>/papers/upload/", views.upload, {"purpose": Purpose.AUTHORITY}, name="upload_papers"),
    path("<uuid:uid>/viewer/", include("records.viewer.urls")),
    path("<uuid:uid>/panel/", views.panel, name="panel"),
    path("<uuid:uid>/archives/<int:archive_id>/remove/", views.remove_archive, name="archive_remove"),
    path("<uuid:uid>/clear/", views.clear, name="clear"),
    path("<uuid:uid>/imaging/", include("records.imaging.urls")),
    path("<uuid:uid>/<uuid:record_uid>/", views.open_record, name="open"),
    path("<uuid:uid>/<uuid:record_uid>/remove/", views.remove, name="remove"),
]
