"""Addresses of a case's records."""

from django.urls import path

from . import views

app_name = "records"
urlpatterns = [
    path("<uuid:uid>/", views.listing, name="list"),
    path("<uuid:uid>/upload/", views.upload, name="upload"),
    path("<uuid:uid>/panel/", views.panel, name="panel"),
    path("<uuid:uid>/clear/", views.clear, name="clear"),
    path("<uuid:uid>/<uuid:record_uid>/", views.open_record, name="open"),
    path("<uuid:uid>/<uuid:record_uid>/remove/", views.remove, name="remove"),
]
