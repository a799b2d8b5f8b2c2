"""Addresses of what was made of a record, and of the search; part of the addresses of the records."""

from django.urls import path

from . import views

urlpatterns = [
    path("<uuid:uid>/search/", views.search, name="search"),
    path("<uuid:uid>/<uuid:record_uid>/view/", views.view, name="view"),
    path("<uuid:uid>/<uuid:record_uid>/page/<int:page>/", views.page_image, name="page_image"),
    path("<uuid:uid>/<uuid:record_uid>/thumbnail/", views.thumbnail, name="thumbnail"),
    path("<uuid:uid>/<uuid:record_uid>/again/", views.make_again, name="preview_again"),
    path("<uuid:uid>/<uuid:record_uid>/safe/", views.safe_copy, name="safe_copy"),
]
