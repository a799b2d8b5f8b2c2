"""Writing: who may, what is filled in, and that no window overwrites another."""

from datetime import date, timedelta

import pytest

from opinions.forms.writeup import TextForm
from opinions.models import Opinion, PrivateNote
from opinions.services.drafts import start
from opinions.services.fitting import MORE
from opinions.services.versions import current, draft_of
from opinions.services.writing import Overtaken, Stamp, WrittenText, is_blind, lock_first_read, private_note, save
from opinions.tasks import lapse_asks
from records.checking import check
from records.services import add_files
from routing.services import offers, screening
from secondop.accounts.models import Role
from secondop.cases import services
from secondop.cases.asks import answer_ask, open_ask
from secondop.cases.lifecycle import Conflict, NotAllowed, Refused
from secondop.cases.models import ChecklistItem, Question
from secondop.cases.states import State
from secondop.catalog.models import JurisdictionRule, Specialty
from secondop.web.clock import shifted
from tests.factories import make_case, make_user
from tests.opinions.written import WORDS, full_text, in_review, released, signed, write
from tests.records.viewer.series import slice_of
from tests.routing.people import accepted_case, make_specialist, make_specialty, offered

pytestmark = pytest.mark.django_db


def typed(**fields):
    """One window's text."""
    return WrittenText(fields=fields)


def test_a_draft_begins_with_what_is_known():
    case, author = accepted_case()
    for text, required, status in (
        ("Echo", True, "waived"),
        ("Old ECG", False, "waived"),
        ("Letter", False, "missing"),
        ("Scan", True, "arrived"),
    ):
        ChecklistItem.objects.create(case=case, text=text, required=required, status=status, reason="Lost" if status == "waived" else "")
    draft = start(case, by=author)
    assert draft.limits.splitlines()[1:] == ["Not available: Echo. Lost", "Not available: Old ECG. Lost"]
    assert "Ohio" in draft.jurisdiction and "L-1" in draft.jurisdiction
    assert "no conflict" in draft.conflict
    assert [answer.question for answer in draft.answers.all()] == ["Is the operation needed?"]
    assert draft.grid.count() == 6 and draft.options.get().name == "Watch and wait"
    assert start(case, by=author).pk == draft.pk


@pytest.mark.parametrize(("sample", "said"), [(True, "directly. I hold"), (False, "directly (source: Ohio law 1.2). I hold")])
def test_the_legal_basis_names_the_source_of_a_reviewed_rule_alone(sample, said):
    rule = {"verdict": "direct", "source": "Ohio law 1.2.", "reviewed_on": date(2026, 11, 1), "sample": sample}
    JurisdictionRule.objects.create(country="US", region="Ohio", **rule)
    case, author = accepted_case()
    assert said in start(case, by=author).jurisdiction


def test_the_legal_basis_says_for_which_physician_it_is_where_one_has_to_take_part():
    JurisdictionRule.objects.create(country="US", region="Ohio", verdict="with_physician", source="x", reviewed_on=date(2026, 11, 1))
    case, author = accepted_case()
    assert start(case, by=author).jurisdiction.endswith("No local physician was named to me.")
    Opinion.objects.all().delete()
    for name in ("Dr. Near", "Dr. Far"):
        case.treating_doctors.create(name=name, institution="Elm House")
    assert start(case, by=author).jurisdiction.endswith("decides with them: Dr. Near, Elm House; Dr. Far, Elm House.")
    Opinion.objects.all().delete()
    case.treating_doctors.update(name="Dr. " + "Long " * 20, institution="Elm " * 30)
    text = start(case, by=author).jurisdiction
    assert len(text) < 1000 and "L-1" in text and text.endswith("….")


def test_what_the_patient_did_not_answer_in_seven_days_is_written_into_the_limits():
    case, author, _draft = in_review()
    write(case, author)
    ask = open_ask(case, by=author, items=["Your weight?", "Your height?"])
    weight = ask.items.first()
    answer_ask(ask, by=case.patient, answers={weight.pk: "80 kg"})
    page = Stamp(draft_of(case, author).edits, "tests")
    lapse_asks()
    assert draft_of(case, author).limits == WORDS["limits"]
    with shifted(timedelta(days=7, minutes=1)):
        lapse_asks()
        lapse_asks()
    assert draft_of(case, author).limits == f"{WORDS['limits']}\nNot answered in time: Your height?"
    with pytest.raises(Overtaken):
        save(case, by=author, stamp=page, text=typed(limits="None"))


@pytest.mark.parametrize(("own", "kept"), [(100, 11), (3300, 2), (3990, 0)])
def test_limits_that_lapsed_questions_add_to_can_still_be_saved(own, kept):
    case, author, _draft = in_review()
    write(case, author, full_text(limits="x" * own))
    for first in (10, 20):
        open_ask(case, by=author, items=[f"{number} {'y' * 297}" for number in range(first, first + 8)])
    with shifted(timedelta(days=7, minutes=1)):
        lapse_asks()
    text, *lines = draft_of(case, author).limits.splitlines()
    assert text == "x" * own, "what the author wrote stays whole"
    assert sum(line.startswith("Not answered in time: ") and line.endswith("y" * 297) for line in lines) == kept
    assert lines[kept:] == ([MORE] if own < 3950 else [])
    assert "limits" not in TextForm({"limits": draft_of(case, author).limits.replace("\n", "\r\n")}).errors


def test_an_unanswered_question_is_a_limit_of_a_draft_begun_later():
    case, author = accepted_case()
    open_ask(case, by=author, items=["Your weight?"])
    with shifted(timedelta(days=7, minutes=1)):
        lapse_asks()
        assert "Not answered in time: Your weight?" in start(case, by=author).limits


def test_what_a_case_expired_for_is_no_limit_once_it_goes_on():
    case = make_case(State.SCREENING, specialty=make_specialty())
    open_ask(case, by=case.owner, items=["The scan"])
    case.asks.update(reminded=3)
    with shifted(timedelta(days=31)):
        services.expire(case)
        case = services.reopen(case, by=case.patient, note="Here is the scan.")
        case, author = screening.make_ready(case, by=case.owner, override="All is here."), make_specialist()
        offered(case, author)
        draft = start(offers.accept(case, by=author), by=author)
    assert case.asks.get().status == "lapsed" and "Not answered" not in draft.limits


def test_after_a_reopening_the_facts_are_those_of_the_new_round():
    case, opinion = released(limits="None", materials_reviewed="Old scan", jurisdiction="Old law")
    assert "no conflict" in Opinion.objects.get().conflict
    case = services.reopen(case, by=case.patient, note="A new scan")
    case = screening.make_ready(case, by=case.owner)
    [offer] = offered(case, opinion.author)
    offers.declare_conflict(case, by=opinion.author, kinds=["financial"], text="I hold shares of the maker.")
    offers.waive_conflict(case, by=make_user(Role.LEAD), offer_uid=offer.uid, note="Far below the threshold. " + "x" * 900)
    case = offers.accept(case, by=opinion.author)
    draft = start(case, by=opinion.author)
    assert draft.diagnosis == opinion.diagnosis
    assert "Financial interest. I hold shares of the maker." in draft.conflict and draft.conflict.endswith("x" * 900)
    assert "did not examine" in draft.limits and draft.materials_reviewed == "" and "Ohio" in draft.jurisdiction


def test_the_materials_of_a_draft_name_a_scan_once_and_not_each_of_its_images():
    case, author = accepted_case()
    slices = [(f"IM{number:05}", slice_of(number)) for number in range(3)]
    records = add_files(case, [("Letter.txt", b"Dear colleague"), *slices], by=case.patient).records
    for record in records[:2]:
        check(record.pk)
    assert start(case, by=author).materials_reviewed.splitlines() == ["Letter.txt", "e+1, CT scan, 19 January 2004 (3 files)"]


def test_answers_follow_the_patients_questions():
    case, author, _draft = in_review()
    write(case, author)
    Question.objects.create(case=case, position=1, text="And then?")
    again = start(case, by=author)
    assert [(a.question, a.verdict) for a in again.answers.all()] == [("Is the operation needed?", "answered"), ("And then?", "")]


def test_an_older_window_never_overwrites_a_newer_text():
    case, author, draft = in_review()
    old, new = Stamp(draft.edits, "old"), Stamp(draft.edits, "new")
    save(case, by=author, stamp=new, text=typed(diagnosis="newer"))
    save(case, by=author, stamp=new, text=typed(diagnosis="newest"))
    with pytest.raises(Overtaken) as error:
        save(case, by=author, stamp=old, text=typed(diagnosis="older"))
    assert error.value.opinion.diagnosis == "newest"
    assert draft_of(case, author).diagnosis == "newest"
    save(case, by=author, stamp=Stamp(error.value.opinion.edits, "old"), text=typed(diagnosis="both"))
    with pytest.raises(Overtaken):
        save(case, by=author, stamp=new, text=typed(diagnosis="lost?"))


def test_only_the_cases_specialist_writes():
    case, _author, draft = in_review()
    for stranger in (case.patient, case.owner, make_specialist(), make_user()):
        with pytest.raises(NotAllowed):
            start(case, by=stranger)
        with pytest.raises(NotAllowed):
            save(case, by=stranger, stamp=Stamp(draft.edits, "x"), text=typed(diagnosis="mine"))


def test_nothing_is_written_once_it_is_signed():
    case, opinion = signed()
    with pytest.raises(Conflict):
        save(case, by=opinion.author, stamp=Stamp(opinion.edits, "tests"), text=typed(diagnosis="late"))
    with pytest.raises(Conflict):
        start(case, by=opinion.author)


def test_the_next_specialist_starts_on_an_empty_page():
    case, author, _ = in_review()
    write(case, author, full_text(diagnosis="of the first one"))
    case = offers.hand_back(case, by=author, reason="ill")
    second = make_specialist()
    offered(case, second)
    case = offers.accept(case, by=second)
    draft = start(case, by=second)
    assert draft.author == second and draft.diagnosis == ""
    assert draft_of(case, second).pk == draft.pk and draft_of(case, author).diagnosis == "of the first one"
    assert is_blind(case, draft)
    with pytest.raises(NotAllowed):
        save(case, by=author, stamp=Stamp(99, "tests"), text=typed(diagnosis="still here"))


def test_what_a_former_specialist_signed_does_not_count_for_the_next():
    case, _opinion = signed()
    case = offers.reassign(case, by=case.owner, reason="a conflict came up")
    second = make_specialist()
    offered(case, second)
    case = offers.accept(case, by=second)
    assert current(case) is None
    assert start(case, by=second).diagnosis == ""


def test_the_first_impression_is_locked_once_and_only_where_the_field_reads_blind():
    case, author = accepted_case()
    draft = start(case, by=author)
    assert is_blind(case, draft)
    page = Stamp(draft.edits, "a")
    with pytest.raises(Refused):
        lock_first_read(case, by=author, stamp=page, text="  ")
    assert not is_blind(case, lock_first_read(case, by=author, stamp=page, text="Moderate."))
    with pytest.raises(Conflict):
        lock_first_read(case, by=author, stamp=Stamp(draft.edits + 1, "a"), text="Severe.")
    assert not is_blind(case, lock_first_read(case, by=author, stamp=page, text="Moderate. ")), "a form sent twice"
    assert draft_of(case, author).first_read == "Moderate."
    Specialty.objects.update(blind_first_read=False)
    other, writer = accepted_case()
    assert not is_blind(other, start(other, by=writer))


def test_an_older_window_neither_locks_its_first_impression_nor_empties_the_write_up():
    case, author = accepted_case()
    draft = start(case, by=author)
    typing, older = Stamp(draft.edits, "typing"), Stamp(draft.edits, "older")
    draft = save(case, by=author, stamp=typing, text=typed(first_read="Moderate."))
    with pytest.raises(Overtaken) as error:
        lock_first_read(case, by=author, stamp=older, text="Severe.")
    assert error.value.opinion.first_read == "Moderate." and is_blind(case, draft_of(case, author))
    lock_first_read(case, by=author, stamp=older, text="Moderate.")
    with pytest.raises(Overtaken):
        save(case, by=author, stamp=typing, text=typed(limits="", jurisdiction=""))
    assert draft_of(case, author).limits


def test_private_notes_are_their_authors_only():
    case, author, draft = in_review()
    save(case, by=author, stamp=Stamp(draft.edits, "a"), text=WrittenText(note="Call Lee"))
    assert private_note(case, author) == "Call Lee"
    assert private_note(case, case.owner) == private_note(case, make_specialist()) == ""
    assert PrivateNote.objects.count() == 1
    names = [field.name for field in [*Opinion._meta.get_fields(), *case._meta.get_fields()]]
    assert not any("note" in name for name in names)


def test_saving_costs_the_same_however_long_the_opinion_is(django_assert_max_num_queries):
    case, author, draft = in_review()
    write(case, author)
    options = [{"name": f"Option {n}", "benefit": "b", "harm": "h", "burden": "", "certainty": "", "fit": ""} for n in range(8)]
    with django_assert_max_num_queries(20):
        save(case, by=author, stamp=Stamp(draft.edits, "tests"), text=WrittenText({"diagnosis": "x"}, options=options))
