"""Addresses that only the demo answers."""

from django.urls import path

from . import views

app_name = "demo"
urlpatterns = [
    path("mail/", views.mail, name="mail"),
    path("mail/<str:name>/", views.read_mail, name="read_mail"),
]
