"""Addresses of the account pages that allauth does not have."""

from django.urls import path

from . import views

app_name = "accounts"
urlpatterns = [
    path("invitation/<str:secret>/", views.invitation, name="invitation"),
    path("kept/", views.kept_words, name="kept"),
    path("stay/", views.stay, name="stay"),
    path("profile/", views.profile, name="profile"),
]
