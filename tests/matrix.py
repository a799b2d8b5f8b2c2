"""Who may open what: one row for every address, generated tests from it in all_pages/test_matrix.py.

A row is the state of the case it is tried on and, for each method that the view knows, the people who get an answer.
Everybody else gets 404, or where the page belongs to a role 403; signed-out people are sent to sign in; every other method
is answered with 405. An address without a row fails.
"""

from typing import NamedTuple

PEOPLE = (
    *("anonymous", "stranger", "patient", "watcher", "reader", "proxy"),
    *("specialist", "other", "second", "author", "coordinator", "lead", "administrator"),
)
EVERYBODY = "*"
SIGNED_IN = " ".join(PEOPLE[1:])
TEAM = "coordinator lead"
FAMILY = "patient proxy"
FOLLOWERS = "patient proxy watcher"
DOCTORS = "specialist other second author"


class Row(NamedTuple):
    """The state of the case, and for each method the people who are answered (``None``: the method is not known)."""

    state: str
    get: str | None = None
    post: str | None = None
    patch: str | None = None
    delete: str | None = None


MATRIX = {
    "home": Row("-", EVERYBODY),
    "how_it_works": Row("-", EVERYBODY),
    "specialties": Row("-", EVERYBODY),
    "sample_opinion": Row("-", EVERYBODY),
    "for_specialists": Row("-", EVERYBODY),
    "for_doctors": Row("-", EVERYBODY),
    "your_data": Row("-", EVERYBODY),
    "accessibility": Row("-", EVERYBODY),
    "robots": Row("-", EVERYBODY),
    "sitemap": Row("-", EVERYBODY),
    "home_for_me": Row("-", SIGNED_IN),
    "healthz": Row("-", EVERYBODY),
    "readyz": Row("-", EVERYBODY),
    "demo:mail": Row("-", ""),
    "demo:read_mail": Row("-", ""),
    "accounts:stay": Row("-", SIGNED_IN, SIGNED_IN),
    "accounts:kept": Row("-", SIGNED_IN, SIGNED_IN),
    "accounts:profile": Row("-", SIGNED_IN, SIGNED_IN),
    "accounts:invitation": Row("-", "anonymous", "anonymous"),
    "inbox:list": Row("-", SIGNED_IN),
    "inbox:read_all": Row("-", None, SIGNED_IN),
    "inbox:choices": Row("-", SIGNED_IN, SIGNED_IN),
    "inbox:number": Row("-", SIGNED_IN, SIGNED_IN),
    "inbox:number_code": Row("-", SIGNED_IN, SIGNED_IN),
    "inbox:number_remove": Row("-", None, SIGNED_IN),
    "inbox:open": Row("-", None, "patient"),
    "exports:page": Row("-", SIGNED_IN, SIGNED_IN),
    "exports:progress": Row("-", SIGNED_IN),
    "exports:download": Row("-", "patient"),
    "exports:retry": Row("-", None, "patient"),
    "exports:discard": Row("-", None, "patient"),
    "inbox:stop": Row("-", EVERYBODY, EVERYBODY),
    # The patient's side
    "intake:start": Row("-", SIGNED_IN, SIGNED_IN),
    "intake:hub": Row("draft", FAMILY),
    "intake:keep": Row("draft", None, FAMILY),
    "intake:delete": Row("draft", "patient", "patient"),
    "intake:stop": Row("draft", FAMILY),
    "intake:screen": Row("draft", FAMILY, FAMILY),
    "intake:autosave": Row("draft", None, FAMILY),
    "intake:told": Row("draft", FAMILY),
    "intake:check": Row("draft", FAMILY),
    "intake:submit": Row("draft", None, FAMILY),
    "intake:receipt": Row("screening", FAMILY),
    "records:list": Row("in_review", "patient proxy specialist coordinator lead"),
    "records:upload": Row("in_review", None, "patient proxy coordinator lead"),
    "records:upload_begin": Row("in_review", None, "patient proxy coordinator lead"),
    "records:upload_begin_papers": Row("childs", None, "patient proxy coordinator lead"),
    "records:upload_part": Row("in_review", None, None, "patient", "patient"),
    "records:upload_known": Row("in_review", None, "patient proxy coordinator lead"),
    "records:upload_discard": Row("in_review", None, "patient"),
    "records:programs": Row("in_review", "patient proxy coordinator lead", "patient proxy coordinator lead"),
    "records:program_revoke": Row("in_review", None, "patient"),
    "records:papers": Row("childs", "patient proxy coordinator lead"),
    "records:upload_papers": Row("childs", None, "patient proxy coordinator lead"),
    "records:panel": Row("in_review", "patient specialist coordinator lead"),
    "records:viewer": Row("in_review", "patient specialist coordinator lead"),
    "records:viewer_index": Row("in_review", "patient specialist coordinator lead"),
    "records:viewer_frames": Row("in_review", "patient specialist coordinator lead"),
    "records:viewer_picture": Row("in_review", "patient specialist coordinator lead"),
    "records:clear": Row("in_review", None, "patient proxy coordinator lead"),
    "records:health": Row("in_review", "patient specialist coordinator lead"),
    "records:health_panel": Row("in_review", "patient specialist coordinator lead"),
    "records:told": Row("in_review", "patient specialist coordinator lead"),
    "records:open": Row("in_review", "patient specialist coordinator lead"),
    "records:view": Row("in_review", "patient specialist coordinator lead"),
    "records:page_image": Row("in_review", "patient specialist coordinator lead"),
    "records:thumbnail": Row("in_review", "patient specialist coordinator lead"),
    "records:preview_again": Row("in_review", None, "patient specialist coordinator lead"),
    "records:viewer_again": Row("in_review", None, "patient specialist coordinator lead"),
    "records:safe_copy": Row("in_review", "patient specialist coordinator lead"),
    "records:search": Row("in_review", None, "patient specialist coordinator lead"),
    "records:remove": Row("in_review", None, "patient coordinator lead"),
    "records:ledger": Row("-", TEAM),
    "records:drop": Row("-", EVERYBODY, EVERYBODY),
    "records:drop_begin": Row("-", None, EVERYBODY),
    "records:drop_part": Row("-", None, None, EVERYBODY, EVERYBODY),
    "records:drop_known": Row("-", None, EVERYBODY),
    "records:requests": Row("question", FAMILY + " " + TEAM),
    "records:request_new": Row("question", FAMILY + " " + TEAM, FAMILY + " " + TEAM),
    "records:request": Row("question", FAMILY + " " + TEAM),
    "records:request_letter": Row("question", TEAM),
    "records:request_act": Row("question", None, TEAM),
    "records:imaging": Row("in_review", "patient specialist coordinator lead"),
    "records:series": Row("in_review", "patient specialist coordinator lead"),
    "records:series_remove": Row("in_review", None, "patient coordinator lead"),
    "records:archive_remove": Row("in_review", None, "patient coordinator lead"),
    "records:identity": Row("in_review", "patient proxy coordinator lead"),
    "records:identity_answer": Row("in_review", None, "patient proxy"),
    "records:identity_decide": Row("in_review", None, "coordinator lead"),
    "tracking:list": Row("-", SIGNED_IN),
    "tracking:close_account": Row("-", SIGNED_IN, SIGNED_IN),
    "tracking:keep_account": Row("-", None, SIGNED_IN),
    "tracking:case": Row("question", FOLLOWERS + " " + TEAM),
    "tracking:looked": Row("question", "patient"),
    "tracking:messages": Row("question", FAMILY, FAMILY),
    "tracking:request": Row("question", FAMILY),
    "tracking:answer": Row("question", None, FAMILY),
    "tracking:consents": Row("question", FAMILY + " " + TEAM),
    "tracking:consent_copy": Row("question", FAMILY + " " + TEAM),
    "tracking:consent_copy_again": Row("question", None, FAMILY + " " + TEAM),
    "tracking:revoke": Row("question", FAMILY, FAMILY),
    "tracking:consent_give": Row("question", FAMILY, FAMILY),
    "tracking:withdraw": Row("question", FAMILY, FAMILY),
    "tracking:reopen": Row("delivered", FAMILY, FAMILY),
    "tracking:erase": Row("question", "patient", "patient"),
    "tracking:keep": Row("delivered", None, "patient"),
    "tracking:family": Row("question", FAMILY, FAMILY),
    "tracking:family_agree": Row("question", None, FAMILY),
    "tracking:family_end": Row("question", None, FAMILY),
    "tracking:family_again": Row("question", None, FAMILY),
    "tracking:family_cancel": Row("question", None, FAMILY),
    "tracking:handover": Row("-", "stranger anonymous", "stranger"),
    "tracking:family_invitation": Row("-", "watcher anonymous", "watcher"),
    # The coordinators' desk
    "routing:queue": Row("-", TEAM),
    "routing:notice_retry": Row("-", None, TEAM),
    "routing:case": Row("screening", TEAM),
    "routing:brief": Row("screening", TEAM),
    "routing:messages": Row("question", TEAM, TEAM),
    "routing:notes": Row("screening", TEAM, TEAM),
    "routing:claim": Row("screening", None, TEAM),
    "routing:facts": Row("screening", TEAM, TEAM),
    "routing:ask": Row("screening", TEAM, TEAM),
    "routing:ask_cancel": Row("question", None, TEAM),
    "routing:ask_extend": Row("question", TEAM, TEAM),
    "routing:check_item": Row("screening", TEAM, TEAM),
    "routing:see_proof": Row("childs", None, TEAM),
    "routing:waive_proof": Row("childs", TEAM, TEAM),
    "routing:hand_over": Row("grown", TEAM, TEAM),
    "routing:make_ready": Row("screening", TEAM, TEAM),
    "routing:send_back": Row("offered", TEAM, TEAM),
    "routing:decline": Row("screening", TEAM, TEAM),
    "routing:decline_confirm": Row("clinical", None, "lead"),
    "routing:decline_reject": Row("clinical", "lead", "lead"),
    "routing:reassign": Row("in_review", TEAM, TEAM),
    "routing:reopen": Row("delivered", TEAM, TEAM),
    "routing:offer": Row("offered", TEAM, TEAM),
    "routing:offer_recall": Row("offered", TEAM, TEAM),
    "routing:waive": Row("offered", "lead", "lead"),
    "routing:answer_due": Row("in_review", None, TEAM),
    # Specialists
    "routing:worklist": Row("-", DOCTORS),
    "routing:offer_page": Row("offered", "specialist"),
    "routing:accept": Row("offered", None, "specialist"),
    "routing:decline_offer": Row("offered", None, "specialist"),
    "routing:own_ask_cancel": Row("question", None, "specialist"),
    "routing:own_ask_extend": Row("question", "specialist", "specialist"),
    "routing:hand_back": Row("in_review", "specialist", "specialist"),
    "opinions:write": Row("in_review", "specialist", "specialist"),
    "opinions:autosave": Row("in_review", None, "specialist"),
    "opinions:first_read": Row("in_review", None, "specialist"),
    "opinions:ask": Row("in_review", None, "specialist"),
    "opinions:messages": Row("question", "specialist", "specialist"),
    "opinions:sign": Row("in_review", "specialist", "specialist"),
    "opinions:check": Row("second_look", TEAM),
    "opinions:return": Row("second_look", None, TEAM),
    "opinions:release": Row("second_look", None, TEAM),
    "opinions:second_ask": Row("second_look", None, TEAM),
    "opinions:second_recall": Row("second_look", None, TEAM),
    "opinions:second": Row("second_look", "second"),
    "opinions:second_accept": Row("second_look", None, "second"),
    "opinions:second_decline": Row("second_look", None, "second"),
    "opinions:second_answer": Row("second_look", None, "second"),
    "opinions:pdf": Row("second_look", "author coordinator lead"),
    "opinions:rerender": Row("second_look", None, TEAM),
    # Delivery
    "delivery:opinion": Row("delivered", "patient reader coordinator lead"),
    "delivery:open": Row("delivered", None, "patient reader"),
    "delivery:pdf": Row("delivered", "patient reader coordinator lead"),
    "delivery:close": Row("delivered", TEAM, TEAM),
}

# Addresses that are tried on a case that stands elsewhere as well: records open to a second specialist who has accepted, not before.
ELSEWHERE = (
    ("tracking:family", Row("draft", FAMILY, FAMILY)),
    ("records:list", Row("second_look", "patient proxy author coordinator lead")),
    ("records:list", Row("looked_at", "patient proxy author second coordinator lead")),
    ("records:imaging", Row("looked_at", "patient author second coordinator lead")),
    ("records:panel", Row("looked_at", "patient author second coordinator lead")),
    ("records:open", Row("looked_at", "patient author second coordinator lead")),
    ("records:open", Row("childs", "patient coordinator lead")),
    ("records:view", Row("looked_at", "patient author second coordinator lead")),
    ("records:page_image", Row("childs", "patient coordinator lead")),
    ("records:remove", Row("childs", None, "patient coordinator lead")),
    ("routing:case", Row("childs", TEAM)),
    ("tracking:case", Row("childs", FOLLOWERS + " " + TEAM)),
    ("opinions:second", Row("looked_at", "second")),
)

# What is sent along where a bare request would be answered without a look at who asks: tus 1.0 wants headers.
_TUS = {"Tus-Resumable": "1.0.0", "Upload-Length": "10", "Upload-Offset": "0"}
SENT = {name: _TUS for name in MATRIX if name.startswith(("records:upload_begin", "records:upload_part", "records:drop_"))}

# Pages of allauth and of the Django admin: they hold no case. test_attacks.py has the list of what the admin shows.
NO_CASE = ("account_", "mfa_", "usersessions_", "admin:")
