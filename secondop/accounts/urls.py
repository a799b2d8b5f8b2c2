"""Addresses of the account pages that allauth does not have."""

from django.urls import path

from . import views

app_name = "accounts"
urlpatterns = [
    path("invitation/<str:secret>/", views.invitation, name="invitation"),
    path("profile/", views.profile, name="profile"),
]
