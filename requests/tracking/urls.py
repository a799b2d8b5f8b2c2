"""Addresses of the patient's cases, under /cases/."""

from django.urls import path

from . import consent_views, handover, looked, views
from .family import views as family
from .leaving import account_views as leaving_accounts
from .leaving import views as leaving

app_name = "tracking"
urlpatterns = [
    path("", views.case_list, name="list"),
    path("account/close/", leaving_accounts.close, name="close_account"),
    path("account/keep/", leaving_accounts.keep, name="keep_account"),
    path("<uuid:uid>/", views.case, name="case"),
    path("<uuid:uid>/request/", views.request_sent, name="request"),
    path("<uuid:uid>/looked/", looked.who_looked, name="looked"),
    path("<uuid:uid>/messages/", views.thread, name="messages"),
    path("<uuid:uid>/asks/<int:ask_id>/", views.answer, name="answer"),
    path("<uuid:uid>/consents/", consent_views.consent_list, name="consents"),
    path("<uuid:uid>/consents/copies/<int:copy_id>/", consent_views.download_copy, name="consent_copy"),
    path("<uuid:uid>/consents/copies/<int:copy_id>/again/", consent_views.remake_copy, name="consent_copy_again"),
    path("<uuid:uid>/consents/<int:consent_id>/revoke/", consent_views.revoke, name="revoke"),
    path("<uuid:uid>/consents/<slug:consent_key>/agree/", consent_views.give, name="consent_give"),
    path("<uuid:uid>/withdraw/", views.withdraw, name="withdraw"),
    path("<uuid:uid>/reopen/", views.reopen, name="reopen"),
    path("<uuid:uid>/erase/", leaving.erase, name="erase"),
    path("<uuid:uid>/keep/", leaving.keep, name="keep"),
    path("<uuid:uid>/family/", family.family, name="family"),
    path("<uuid:uid>/family/agree/", family.agree, name="family_agree"),
    path("<uuid:uid>/family/<int:person_id>/end/", family.end, name="family_end"),
    path("<uuid:uid>/family/invitations/<uuid:helper_uid>/again/", family.invite_again, name="family_again"),
    path("<uuid:uid>/family/invitations/<uuid:helper_uid>/cancel/", family.cancel, name="family_cancel"),
    path("handover/<str:handover_secret>/", handover.handover, name="handover"),
    path("family/<str:helper_secret>/", family.invitation, name="family_invitation"),
]
