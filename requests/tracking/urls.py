"""Addresses of the patient's cases, under /cases/."""

from django.urls import path

from . import views

app_name = "tracking"
urlpatterns = [
    path("", views.case_list, name="list"),
    path("<uuid:uid>/", views.case, name="case"),
    path("<uuid:uid>/request/", views.request_sent, name="request"),
    path("<uuid:uid>/messages/", views.thread, name="messages"),
    path("<uuid:uid>/asks/<int:ask_id>/", views.answer, name="answer"),
    path("<uuid:uid>/consents/<int:consent_id>/revoke/", views.revoke, name="revoke"),
    path("<uuid:uid>/withdraw/", views.withdraw, name="withdraw"),
    path("<uuid:uid>/reopen/", views.reopen, name="reopen"),
]
