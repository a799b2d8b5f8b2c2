"""Addresses of the pages beside tus."""

from django.urls import path

from . import dropping, page_views

urlpatterns = [
    path("drop/<str:drop_secret>/unfinished/", dropping.known, name="drop_known"),
    path("<uuid:uid>/unfinished/", page_views.known, name="upload_known"),
    path("<uuid:uid>/unfinished/<uuid:upload_uid>/discard/", page_views.discard, name="upload_discard"),
    path("<uuid:uid>/programs/", page_views.programs, name="programs"),
    path("<uuid:uid>/programs/<uuid:token_uid>/revoke/", page_views.revoke, name="program_revoke"),
]
