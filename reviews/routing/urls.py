"""Addresses of the desk and of specialists' pages before a review."""

from django.urls import path

from .views import desk, notes, offers, screening, specialist

app_name = "routing"
CASE = "desk/cases/<uuid:uid>/"

urlpatterns = [
    path("desk/", desk.queue, name="queue"),
    path("desk/notices/<uuid:notice_id>/retry/", desk.notice_retry, name="notice_retry"),
    path(CASE, desk.case, name="case"),
    path(CASE + "brief/", desk.brief, name="brief"),
    path(CASE + "messages/", desk.thread, name="messages"),
    path(CASE + "notes/", notes.Notes.as_view(), name="notes"),
    path(CASE + "claim/", screening.Claim.as_view(), name="claim"),
    path(CASE + "facts/", screening.Facts.as_view(), name="facts"),
    path(CASE + "ask/", screening.AskPatient.as_view(), name="ask"),
    path(CASE + "asks/<int:ask_id>/cancel/", screening.AskCancel.as_view(), name="ask_cancel"),
    path(CASE + "asks/<int:ask_id>/extend/", screening.AskExtend.as_view(), name="ask_extend"),
    path(CASE + "checklist/<int:item_id>/", screening.CheckItem.as_view(), name="check_item"),
    path(CASE + "authority/seen/", screening.SeeProof.as_view(), name="see_proof"),
    path(CASE + "authority/waive/", screening.WaiveProof.as_view(), name="waive_proof"),
    path(CASE + "hand-over/", screening.HandOver.as_view(), name="hand_over"),
    path(CASE + "ready/", screening.MakeReady.as_view(), name="make_ready"),
    path(CASE + "send-back/", screening.SendBack.as_view(), name="send_back"),
    path(CASE + "decline/", screening.Decline.as_view(), name="decline"),
    path(CASE + "decline/confirm/", screening.DeclineConfirm.as_view(), name="decline_confirm"),
    path(CASE + "decline/reject/", screening.DeclineReject.as_view(), name="decline_reject"),
    path(CASE + "reassign/", screening.Reassign.as_view(), name="reassign"),
    path(CASE + "reopen/", screening.Reopen.as_view(), name="reopen"),
    path(CASE + "offer/", offers.ChooseSpecialist.as_view(), name="offer"),
    path(CASE + "offers/<uuid:offer_uid>/recall/", offers.Recall.as_view(), name="offer_recall"),
    path(CASE + "offers/<uuid:offer_uid>/waive/", offers.Waive.as_view(), name="waive"),
    path(CASE + "due/", offers.AnswerDue.as_view(), name="answer_due"),
    path("offers/", specialist.worklist, name="worklist"),
    path("offers/<uuid:offer_uid>/", specialist.offer_page, name="offer_page"),
    path("offers/<uuid:offer_uid>/accept/", specialist.accept, name="accept"),
    path("offers/<uuid:offer_uid>/decline/", specialist.decline_offer, name="decline_offer"),
    path("offers/cases/<uuid:uid>/asks/<int:ask_id>/cancel/", specialist.OwnAskCancel.as_view(), name="own_ask_cancel"),
    path("offers/cases/<uuid:uid>/asks/<int:ask_id>/extend/", specialist.OwnAskExtend.as_view(), name="own_ask_extend"),
    path("offers/cases/<uuid:uid>/hand-back/", specialist.HandBack.as_view(), name="hand_back"),
]
