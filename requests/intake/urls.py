"""Addresses of the intake, under /request/."""

from django.urls import path

from . import draft_views, views

app_name = "intake"
urlpatterns = [
    path("", views.start, name="start"),
    path("<uuid:uid>/", views.hub, name="hub"),
    path("<uuid:uid>/keep/", draft_views.keep, name="keep"),
    path("<uuid:uid>/delete/", draft_views.delete, name="delete"),
    path("<uuid:uid>/stop/", views.stop, name="stop"),
    path("<uuid:uid>/check/", views.check, name="check"),
    path("<uuid:uid>/submit/", views.submit, name="submit"),
    path("<uuid:uid>/receipt/", views.receipt, name="receipt"),
    path("<uuid:uid>/screen/<slug:name>/", views.screen, name="screen"),
    path("<uuid:uid>/told/<slug:what>/", views.told, name="told"),
    path("<uuid:uid>/autosave/<slug:name>/", views.autosave, name="autosave"),
]
