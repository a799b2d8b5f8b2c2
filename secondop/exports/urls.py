"""Addresses of copies of one's own data, under /data/."""

from django.urls import path

from . import views

app_name = "exports"
urlpatterns = [
    path("", views.page, name="page"),
    path("progress/", views.progress, name="progress"),
    path("<uuid:export_uid>/", views.download, name="download"),
    path("<uuid:export_uid>/retry/", views.retry, name="retry"),
    path("<uuid:export_uid>/delete/", views.discard, name="discard"),
]
