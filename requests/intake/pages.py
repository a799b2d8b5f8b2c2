"""What the intake's pages show, computed from the case."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from secondop.accounts.models import User
from secondop.cases.access import Right
from secondop.cases.answers import answers
from secondop.cases.consents import in_force
from secondop.cases.models import Brief, Case
from secondop.cases.models.brief import HealthKind
from secondop.cases.states import State
from secondop.catalog.places import place_in_words

from . import residence, rules, services, timing
from .consents import Kind, wordings
from .forms import ConsentForm, ScreenForm
from .screens import SCREENS, after

Item = dict[str, Any]
# Fields that are shown as part of another answer.
SHOWN_AS = {
    "region": "country",
    "phone": "channel",
    "quiet_to": "quiet_from",
    "diagnosis_unknown": "diagnosis",
    "values_own": "values",
    "first_opinion_on": "first_opinion_by",
    **{f"{kind.value}_state": kind.value for kind in HealthKind},
}


def drafts(user: User) -> QuerySet[Case]:
    """The requests that ``user`` has begun and not sent, the newest first."""
    drafts = Case.objects.visible_to(user, Right.DECIDE).filter(services.begun(), state=State.DRAFT)
    return drafts.select_related("brief", "erasure").prefetch_related("questions").order_by("-touched_at")


def url(case: Case, name: str) -> str:
    """The address of one screen."""
    return reverse("intake:screen", args=[case.uid, name])


def of_stop(brief: Brief) -> Item:
    """The rule that excludes the place of residence, if there is one, and that place in words."""
    rule = rules.prohibited(brief.country, brief.region)
    return {"rule": rule, "basis": residence.basis(rule), "place": place_in_words(rule.country, rule.region)} if rule else {}


def steps(case: Case, user: User) -> list[Item]:
    """The four screens for the hub, each with its state and the minutes it takes."""
    brief = case.brief
    items = []
    for name, screen in SCREENS.items():
        done = name in brief.done and not services.screen_gaps(case, name, user)
        state = "done" if done else "now" if name in brief.saved_by_page else "todo"
        note = "1 minute" if screen.minutes == 1 else f"{screen.minutes} minutes"
        items.append({"title": screen.title, "text": screen.lead, "url": url(case, name), "state": state, "note": note})
    return items


def next_step(case: Case, items: list[Item]) -> Item:
    """The one thing to do next: the first screen that is not done, or the check page."""
    for item in items:
        if item["state"] != "done":
            return {"url": item["url"], "label": "Continue" if case.brief.saved_by_page else "Start"}
    return {"url": reverse("intake:check", args=[case.uid]), "label": "Check and send"}


def of_screen(case: Case, form: ScreenForm) -> Item:
    """What the page of one screen needs."""
    names = list(SCREENS)
    return {
        "case": case,
        "form": form,
        "screen": SCREENS[form.screen],
        "step": f"Step {names.index(form.screen) + 1} of {len(names)}",
        "autosave_url": reverse("intake:autosave", args=[case.uid, form.screen]),
        "last": not after(form.screen),
        **{name: value for what in TOLD_ON.get(form.screen, ()) for name, value in TOLD[what](case).items()},
    }


def of_place(case: Case) -> Item:
    """What living where the patient lives means."""
    return {"told": residence.told(case.brief.country, case.brief.region)}


def of_time(case: Case) -> Item:
    """Whether the opinion can be there when the patient has to decide."""
    return {"outlook": timing.outlook(case.decision_date)}


TOLD: dict[str, Callable[[Case], Item]] = {"place": of_place, "time": of_time}
TOLD_ON = {"who": ("place", "time"), "health": ("place",)}


def of_hub(case: Case, user: User) -> Item:
    """What the hub needs; what living there means is told first, and is gone once it has been acted on."""
    brief = case.brief
    told = residence.told(brief.country, brief.region)
    heard = case.treating_doctors.exists() if told and told.needs_doctor else "who" in brief.done
    items = steps(case, user)
    return {"case": case, "steps": items, "next": next_step(case, items), "told": None if heard else told}


def next_url(case: Case, name: str, act: str) -> str:
    """Where to go after the screen ``name`` was saved by the button ``act``."""
    verb, _, rows = act.partition(":")
    if verb in ("add", "remove"):
        return f"{url(case, name)}#id_{rows.partition(':')[0]}_0"
    if verb == "stay":
        return url(case, name)
    if verb == "part":
        return f"{url(case, name)}?{urlencode({'saved': rows})}#part-{rows}"
    if verb == "continue" and after(name):
        return url(case, after(name))
    page = {"continue": "intake:check", "records": "records:list"}.get(verb, "intake:hub")
    return reverse(page, args=[case.uid])


def ends_own_rights(case: Case, user: User) -> bool:
    """Whether ``user`` is of the family and says no, on the last screen, to the sharing that lets them in."""
    if case.patient_id == user.pk or case.brief.decisions.get(Kind.FAMILY, {}).get("given"):
        return False
    return in_force(case, Kind.FAMILY) is not None


def without_row(data: QueryDict, act: str) -> QueryDict:
    """The sent data without the line that a "Remove" button named (``remove:medicine:2``)."""
    if not act.startswith("remove:"):
        return data
    rows, _, number = act.removeprefix("remove:").partition(":")
    kept = data.copy()
    for key in [key for key in kept if key.startswith(f"{rows}-{number}-")]:
        del kept[key]
    return kept


def restamped(form: ScreenForm, case: Case) -> QueryDict:
    """What was typed, on a page that knows of the newest save, so that the next save is a choice and not an accident."""
    data = QueryDict(mutable=True)
    data.update(form.data)
    data["stamp"] = type(form)(case=case, user=form.user).initial["stamp"]
    return data


def differences(form: ScreenForm) -> list[Item]:
    """The answers stored by another page where they differ from those typed here, in words."""
    form.is_valid()
    there = {answer.field: answer for section in answers(form.case) for answer in section.answers}
    changed = [SHOWN_AS.get(name, name) for name, value in form.given.items() if name in form.stored and form.stored[name] != value]
    return [{"label": there[name].label, "value": there[name].value} for name in dict.fromkeys(changed) if name in there]


def of_check(case: Case, user: User) -> Item:
    """What the check page needs."""
    sections = answers(case)
    labels = {(section.screen, answer.field): answer.label for section in sections for answer in section.answers}
    labels |= {("consent", wording.key): wording.title for wording in wordings(case, user)} | {("consent", "typed_name"): "Signature"}
    return {
        "case": case,
        "sections": [(section, [item_of(case, section.screen, answer) for answer in section.answers]) for section in sections],
        "decisions": decisions(case, user),
        "gaps": gaps_by_screen(case, services.missing(case, user), labels),
        "expected": timing.expected_if_sent_now(),
        "outlook": timing.outlook(case.decision_date),
    }


def gaps_by_screen(case: Case, gaps: list[services.Gap], labels: dict[tuple[str, str], str]) -> list[Item]:
    """What is missing, one entry a screen, each gap with the name of its answer and a link to it."""
    found: dict[str, list[Item]] = {}
    for gap in gaps:
        target = f"{url(case, gap.screen)}#id_{gap.field}" if gap.field else url(case, gap.screen)
        label = labels.get((gap.screen, SHOWN_AS.get(gap.field, gap.field)), SCREENS[gap.screen].title)
        found.setdefault(gap.screen, []).append({"url": target, "label": label, "message": gap.message})
    return [{"title": SCREENS[name].title, "items": items} for name, items in found.items()]


def item_of(case: Case, screen: str, answer) -> Item:
    """One answer with the link that changes it."""
    return {"label": answer.label, "value": answer.value, "url": f"{url(case, screen)}#id_{answer.field}"}


def decisions(case: Case, user: User) -> list[Item]:
    """The consents as decided so far, and the signature."""
    form = ConsentForm(case=case, user=user)
    said = {"yes": "I agree", "no": "I do not agree"}
    items = [
        {"label": wording.title, "value": said.get(str(form[wording.key].value()), ""), "url": f"{url(case, 'consent')}#id_{wording.key}"}
        for wording, *_ in form.decisions()
    ]
    return [*items, {"label": "Signed as", "value": case.brief.signed_name if case.brief.signed_at else "", "url": url(case, "consent")}]
