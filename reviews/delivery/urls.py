"""Addresses of the delivered opinion."""

from django.urls import path

from . import views

app_name = "delivery"
urlpatterns = [
    path("<uuid:uid>/", views.opinion, name="opinion"),
    path("<uuid:uid>/open/", views.open_, name="open"),
    path("<uuid:uid>/pdf/", views.pdf, name="pdf"),
    path("<uuid:uid>/close/", views.close, name="close"),
]
