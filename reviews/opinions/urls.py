"""Addresses of the reading room and of the check before release."""

from django.urls import path

from .views import check, pdf, room, second, sign

app_name = "opinions"
urlpatterns = [
    path("<uuid:uid>/", room.write, name="write"),
    path("<uuid:uid>/autosave/", room.autosave, name="autosave"),
    path("<uuid:uid>/first-read/", room.first_read, name="first_read"),
    path("<uuid:uid>/messages/", room.thread, name="messages"),
    path("<uuid:uid>/ask/", room.ask, name="ask"),
    path("<uuid:uid>/sign/", sign.sign, name="sign"),
    path("<uuid:uid>/check/", check.check, name="check"),
    path("<uuid:uid>/return/", check.return_, name="return"),
    path("<uuid:uid>/release/", check.release, name="release"),
    path("<uuid:uid>/second/ask/", check.second_ask, name="second_ask"),
    path("<uuid:uid>/second/recall/", check.second_recall, name="second_recall"),
    path("<uuid:uid>/second/", second.second, name="second"),
    path("<uuid:uid>/second/accept/", second.accept, name="second_accept"),
    path("<uuid:uid>/second/decline/", second.decline, name="second_decline"),
    path("<uuid:uid>/second/answer/", second.answer, name="second_answer"),
    path("<uuid:uid>/pdf/<int:version>/", pdf.pdf, name="pdf"),
    path("<uuid:uid>/pdf/<int:version>/again/", pdf.rerender, name="rerender"),
]
