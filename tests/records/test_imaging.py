"""Images: their series, what is missing of them, whose they are, and what follows from that."""

import pytest
from django.urls import reverse

from records import services
from records.imaging import verbs
from records.imaging.export import images
from records.imaging.models import Identity, Listed, Series, Verdict
from records.imaging.pages import Reader, rows_of
from records.models import Record
from secondop.cases.access import Right, grant
from secondop.cases.erasing import erase
from secondop.cases.lifecycle import NotAllowed, Refused
from secondop.cases.messages import offered
from secondop.cases.models import Brief, Case
from secondop.cases.states import State
from secondop.notices.models import Notice
from tests.factories import make_case, make_user

from . import files
from .conftest import browser, check_all, in_vault, url

M, D, U = Verdict.MATCHES, Verdict.DIFFERS, Verdict.UNCLEAR


def sent(case: Case, *numbers: int, name: str, series: str = "1.2.3", **more: str) -> list[Record]:
    """Slices of one series under this name, checked."""
    made = [
        (f"{number}{name}.dcm", files.dicom_of(InstanceNumber=str(number), PatientName=name, SeriesInstanceUID=series, **{
            "SOPInstanceUID": f"{series}.{number}", "PatientBirthDate": "", "PatientSex": "F", **more}))
        for number in numbers
    ]  # fmt: skip
    records = services.add_files(case, made, by=case.patient).records
    check_all()
    return records


def own_name(case: Case) -> str:
    given, _, family = case.patient.full_name.partition(" ")
    return f"{family}^{given}"


@pytest.fixture
def named(cast):
    """The case in review, its patient with a name that can be compared."""
    cast.case.patient.full_name = cast.patient.full_name = "Jane Doe"
    cast.case.patient.save()
    return cast


def pages(user, case) -> str:
    """All that the pages of a case's records show to ``user``."""
    client = browser(user)
    return "".join(client.get(url(name, case)).content.decode() for name in ("list", "panel", "imaging"))


def test_a_series_is_one_row_with_what_is_missing_and_double(named):
    sent(named.case, 1, 2, 3, 7, name="Doe^Jane", SeriesDescription="Knee sagittal", BurnedInAnnotation="YES")
    same = {"SOPInstanceUID": "1.2.3.7", "SeriesInstanceUID": "1.2.3", "InstanceNumber": "7", "PatientName": "Doe^Jane"}
    again = files.dicom_of(**same, PatientBirthDate="", PatientSex="F")
    services.add_files(named.case, [("again.dcm", again)], by=named.patient)
    check_all()
    page = browser(named.specialist).get(url("list", named.case)).content.decode()
    assert page.count('class="file-row"') == 1 and "5 files" in page and "Knee sagittal" in page and "5 images" in page
    assert "Images 4–6 of 7 are missing." in page and "1 image is here twice" in page and "A name or a date is part of the picture." in page
    one = browser(named.patient).get(url("series", named.case, named.case.series.get().uid)).content.decode()
    assert one.count('class="file-row"') == 5


def test_what_a_message_can_show_is_not_crowded_out_by_images(named):
    services.add_files(named.case, [("letter.txt", b"Dear colleague, this is the letter.")], by=named.patient)
    sent(named.case, 1, 2, name="Doe^Jane")
    names = [record.name for record in offered(named.case, named.patient)]
    assert "letter.txt" in names and not [name for name in names if name.endswith(".dcm")]


def test_images_of_somebody_else_are_asked_about_and_kept_from_specialists(named):
    case = named.case
    (own,) = sent(case, 1, name="Doe^Jane")
    (other,) = sent(case, 1, name="Roe^Richard", series="1.9")
    assert [one.verdict for one in case.identities.all()] == [M, D]
    assert list(Record.objects.readable_by(named.specialist)) == [own]
    assert browser(named.specialist).get(url("open", case, other.uid)).status_code == 404
    assert browser(named.specialist).get(url("series", case, other_series(case).uid)).status_code == 404
    assert "Richard" not in pages(named.specialist, case) and "Set aside" not in pages(named.specialist, case)
    assert {user for user in (named.patient, named.coordinator) if "Whose files are these?" in pages(user, case)} == {
        named.patient,
        named.coordinator,
    }
    assert set(Notice.objects.filter(kind__startswith="identity").values_list("kind", "recipient_id")) == {
        ("identity_question", named.patient.pk),
        ("identity_desk", named.coordinator.pk),
    }
    assert case.journal.filter(event="identity_asked").count() == 1


def test_several_people_are_one_question_until_it_is_answered(named):
    case = named.case
    sent(case, 1, name="Roe^Richard", series="1.9")
    sent(case, 1, name="Poe^Paula", series="1.8")
    page = browser(named.patient).get(url("list", case)).content.decode()
    assert page.count("Whose files are these?") == 1 and "Files that name Richard Roe" in page and "Files that name Paula Poe" in page
    asked = Notice.objects.filter(kind="identity_question", recipient=named.patient)
    assert asked.count() == 1 and Notice.objects.filter(kind="identity_desk").count() == 1
    first, second = case.identities.unanswered()
    verbs.answer(case, by=named.patient, identity=first, is_own=False)
    page = browser(named.patient).get(url("list", case)).content.decode()
    assert "Say whose they are" in page and url("identity", case, second.uid) in page and "Richard Roe" not in page
    sent(case, 1, name="Low^Lena", series="1.7")
    assert asked.count() == 2, "of the one that is left and the new one"


def other_series(case: Case):
    return case.series.get(identity__verdict=D)


def ask(client, case, identity, verb, **data):
    return client.post(reverse(f"records:identity_{verb}", args=[case.uid, identity.uid]), data, follow=True)


def test_yes_under_another_name_opens_them(named):
    wanted = named.case.checklist.create(text="The images", ticks=["modality CT"])
    sent(named.case, 1, name="Maiden^Jane")
    wanted.refresh_from_db()
    assert wanted.status == "missing", "nobody may look at them yet"
    identity = named.case.identities.get()
    page = browser(named.patient).get(url("identity", named.case, identity.uid)).content.decode()
    assert "Jane Maiden" in page and "Is this" not in page and "Yes, this is me" in page
    assert ask(browser(named.patient), named.case, identity, "answer", answer="yes").status_code == 422
    ask(browser(named.patient), named.case, identity, "answer", answer="yes", reason="My name before I married.")
    assert Record.objects.readable_by(named.specialist).count() == 1
    wanted.refresh_from_db()
    assert wanted.status == "arrived"
    assert Notice.objects.filter(kind="identity_answered", recipient=named.coordinator).count() == 1
    with pytest.raises(Refused):
        verbs.answer(named.case, by=named.patient, identity=identity, is_own=False)
    ask(browser(named.coordinator), named.case, identity, "decide", decision="rejected", note="The hospital says it is not hers.")
    assert not Record.objects.readable_by(named.specialist).exists()
    assert named.case.records.count() == 1, "a specialist may have seen it"
    wanted.refresh_from_db()
    assert wanted.status == "missing"


def test_no_takes_them_out_with_the_name(named):
    sent(named.case, 1, 2, name="Roe^Richard")
    identity = named.case.identities.get()
    ask(browser(named.patient), named.case, identity, "answer", answer="no", reason="")
    assert not named.case.records.exists() and not named.case.series.exists() and not named.case.identities.exists()
    assert named.case.journal.filter(event="identity_other").count() == 1


def test_another_birth_date_waits_for_the_coordinator(named):
    Brief.objects.filter(case=named.case).update(birth_date="1970-01-31")
    sent(named.case, 1, name="Doe^Jane", PatientBirthDate="19800131")
    identity = named.case.identities.get()
    assert identity.differs == ["birth_date"]
    verbs.answer(named.case, by=named.patient, identity=identity, is_own=True, reason="A typing error.")
    assert not Record.objects.readable_by(named.specialist).exists()
    verbs.decide(named.case, by=named.coordinator, identity=identity, accept=True, note="Checked with the hospital.")
    assert Record.objects.readable_by(named.specialist).exists()


def test_the_sex_of_other_images_counts(named):
    sent(named.case, 1, name="Doe^Jane")
    sent(named.case, 1, name="Doe^Jane", series="1.9", PatientSex="M")
    assert [one.differs for one in named.case.identities.all()] == [[], ["sex"]]


@pytest.mark.parametrize("who", ["stranger", "specialist", "other_specialist", "administrator"])
def test_nobody_else_answers_decides_or_removes(named, who):
    sent(named.case, 1, name="Roe^Richard")
    identity, series, user = named.case.identities.get(), named.case.series.get(), getattr(named, who)
    for verb in (
        lambda: verbs.answer(named.case, by=user, identity=identity, is_own=True, reason="x"),
        lambda: verbs.decide(named.case, by=user, identity=identity, accept=True, note="x"),
        lambda: verbs.remove_series(named.case, by=user, series=series),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert browser(user).get(url("identity", named.case, identity.uid)).status_code == 404


def test_a_series_is_removed_at_once_and_stays_once_a_specialist_had_it(named, django_capture_on_commit_callbacks):
    case = make_case(State.SCREENING, patient=make_user(full_name="Jane Doe"))
    sent(case, 1, 2, 3, name="Doe^Jane")
    with django_capture_on_commit_callbacks(execute=True):
        browser(case.patient).post(url("series_remove", case, case.series.get().uid))
    assert not case.records.exists() and not case.series.exists() and in_vault(case) == []
    sent(named.case, 1, name="Doe^Jane")
    page = browser(named.patient).post(url("series_remove", named.case, named.case.series.get().uid), follow=True)
    assert "so they stay with the case" in page.content.decode() and named.case.records.count() == 1


def test_who_sent_one_image_removes_no_others_of_its_series(named):
    case, helper = make_case(State.SCREENING, patient=named.patient), make_user()
    grant(case, helper, Right.UPLOAD, "family")
    sent(case, 1, 2, name="Doe^Jane")
    same = {"SOPInstanceUID": "1.2.3.9", "SeriesInstanceUID": "1.2.3", "InstanceNumber": "9", "PatientName": "Doe^Jane"}
    services.add_files(case, [("own.dcm", files.dicom_of(**same, PatientBirthDate="", PatientSex="F"))], by=helper)
    check_all()
    browser(helper).post(url("series_remove", case, case.series.get().uid))
    assert {one.name for one in case.records.all()} == {"1Doe^Jane.dcm", "2Doe^Jane.dcm"}


def test_a_draft_that_says_later_whom_it_is_for_is_compared_then(named):
    Brief.objects.filter(case=named.case).update(for_whom="")
    sent(named.case, 1, name="Roe^Richard")
    assert named.case.identities.get().verdict == U
    Brief.objects.filter(case=named.case).update(for_whom="other", subject_name="Richard Roe")
    sent(named.case, 1, name="Roe^R", series="1.9")
    assert [one.verdict for one in named.case.identities.all()] == [U, M]


def test_pages_take_the_same_queries_for_ten_and_for_many(named, django_assert_max_num_queries):
    sent(named.case, 1, 2, 3, name="Doe^Jane")
    client = browser(named.coordinator)
    for name in ("list", "imaging"):
        client.get(url(name, named.case))
    few = {}
    for name in ("list", "imaging"):
        with django_assert_max_num_queries(26) as taken:
            client.get(url(name, named.case))
        few[name] = len(taken)
    series, like = named.case.series.get(), named.case.records.first()
    for number in range(4):
        twin = named.case.series.create(identity=series.identity, study_uid="1.5", series_uid=f"1.5.{number}")
        stored = type(like.stored).objects
        for position in range(5):
            file = stored.create(case_uid=named.case.uid, status="stored", size=1, parts=1, part_size=1, sha256=f"{number}{position}")
            Record.objects.create(
                case=named.case,
                kind="dicom",
                status="ready",
                uploaded_by=named.patient,
                facts=like.facts,
                series=twin,
                position=position,
                stored=file,
                sha256=file.sha256,
                name="x",
            )
    for name in ("list", "imaging"):
        with django_assert_max_num_queries(few[name]):
            page = client.get(url(name, named.case)).content.decode()
        assert page.count('class="file-row"') == 5


def test_the_table_of_contents_of_a_disc_tells_what_did_not_arrive(named):
    """Its references are names only: nothing is opened by them, and specialists, who see no name of a file, see the number."""
    folder = "dicomdirtests/77654033/"
    sent_of_disc = [(name, files.dicom(folder + name)) for name in ("CR1/6154", "CR2/6247")]
    services.add_files(named.case, [("DICOMDIR", files.dicom("dicomdirtests/DICOMDIR")), *sent_of_disc], by=named.patient)
    check_all()
    assert set(named.case.records.values_list("status", flat=True)) == {"ready"}
    mine, theirs = (browser(user).get(url("imaging", named.case)).content.decode() for user in (named.patient, named.specialist))
    assert "A disc lists 29 images that we do not have." in mine and "77654033/CR3/6278" in mine and "CR1/6154" not in mine
    assert "29 images" in theirs and "77654033" not in theirs
    assert "Table of contents of a disc with 31 images" in browser(named.patient).get(url("list", named.case)).content.decode()
    assert not Record.objects.readable_by(named.specialist).exists(), "the disc is Archibald Doe’s"


@pytest.mark.parametrize(
    ("name", "warnings"),
    [
        ("examples_jpeg2k.dcm", ["A name or a date may be part of the picture."]),
        ("CT_small.dcm", ["The header has private fields of the scanner’s maker, which may hold names."]),
        ("MR_small.dcm", []),
    ],
)
def test_what_is_said_of_real_files(named, name, warnings):
    services.add_files(named.case, [(name, files.dicom(name))], by=named.patient)
    check_all()
    reader = Reader(named.coordinator, {Right.COORDINATE, Right.RECORDS, Right.UPLOAD}, None)
    (row,) = rows_of(named.case, [named.case.series.get().pk], reader).values()
    assert row.warnings == warnings


def test_images_go_with_their_case_and_are_in_its_copy(named):
    sent(named.case, 1, name="Doe^Jane", SeriesDescription="Knee")
    sent(named.case, 1, name="Roe^Richard", series="1.9")
    services.add_files(named.case, [("DICOMDIR", files.dicom("dicomdirtests/DICOMDIR"))], by=named.patient)
    check_all()
    copy = images(named.case, named.patient).data
    assert [(one["series"], one["files"]) for one in copy["images"]][:1] == [("Knee", 1)] and len(copy["images"]) == 2
    assert copy["files_asked_about"][0]["they_name"].startswith("Richard Roe")
    assert erase(named.case, by=named.patient)
    assert not Series.objects.exists() and not Identity.objects.exists() and not Listed.objects.exists()
