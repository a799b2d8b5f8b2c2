"""Records that come or go while an opinion is written: nothing is passed over, and nothing that was typed changes."""

import pytest
from django.urls import reverse

from opinions.models import Opinion
from opinions.services import materials, signing
from opinions.services.checking import return_to_specialist
from opinions.services.drafts import start
from opinions.services.fitting import fitting
from opinions.services.writing import Overtaken, Stamp, save
from records.checking import check
from records.imaging.verbs import decide
from records.models import Record
from records.services import add_files
from secondop.cases.lifecycle import NotAllowed, Refused
from secondop.cases.models import Brief
from tests.factories import PASSWORD
from tests.opinions.test_room import everything, fields_of, url
from tests.opinions.written import full_text, in_review, write
from tests.records.viewer.series import slice_of

pytestmark = pytest.mark.django_db


def came(case, *names, checked=True):
    """Texts with ``names`` that the patient sends now; checked at once, unless told otherwise."""
    records = add_files(case, [(name, f"What {name} says".encode()) for name in names], by=case.patient).records
    for record in records if checked else ():
        check(record.pk)
    return records


def draft_with(**fields):
    """A case in review whose draft says ``fields``."""
    case, author, _ = in_review()
    came(case, "Old letter.txt")
    return case, author, write(case, author, full_text(**fields))


def keys_of(draft):
    """What the write-up lists as new, by its kind and line."""
    return {(material.kind, material.line): material.key for material in materials.news(draft)}


def take(case, author, *lines, reviewed=True):
    """Say of the new records with ``lines`` whether they were reviewed."""
    found = keys_of(Opinion.objects.get(case=case, status="draft"))
    return materials.take_in(case, by=author, keys=[key for (_, line), key in found.items() if line in lines], reviewed=reviewed)


def test_what_came_after_the_draft_began_has_to_be_named_before_it_is_signed():
    case, author, draft = draft_with(materials_reviewed="My own words.\n", materials_missing="The slides.")
    came(case, "MRI report.pdf.txt", "report.pdf.txt")
    refused = {"by": author, "password": PASSWORD, "version": draft.edits}
    with pytest.raises(signing.Incomplete) as found:
        signing.sign(case, **refused)
    assert [gap.field for gap in found.value.gaps] == ["materials_reviewed"] and "MRI report.pdf.txt" in found.value.gaps[0].text
    take(case, author, "MRI report.pdf.txt", "Old letter.txt")
    assert set(keys_of(draft_of(case))) == {("here", "report.pdf.txt")}, "a name within a longer one does not count"
    draft = take(case, author, "report.pdf.txt", reviewed=False)
    lists = draft.materials_reviewed.splitlines(), draft.materials_missing.splitlines()
    assert lists[0][0] == "My own words." and set(lists[0][1:]) == {"MRI report.pdf.txt", "Old letter.txt"}
    assert lists[1] == ["The slides.", "Not reviewed: report.pdf.txt"]
    assert not signing.gaps(case, draft) and signing.sign(case, by=author, password=PASSWORD, version=draft.edits)


def draft_of(case):
    """The draft as it is stored."""
    return Opinion.objects.select_related("case", "author").get(case=case, status="draft")


def test_what_a_draft_began_with_is_not_asked_for_again_whatever_its_author_writes():
    case, author, draft = in_review()
    draft.delete()
    came(case, "Letter.txt")
    assert start(case, by=author).materials_reviewed == "Letter.txt"
    Opinion.objects.update(materials_reviewed="The letter of the clinic.")
    assert materials.news(draft_of(case)) == [] and [one.line for one in materials.unnamed(draft_of(case))] == ["Letter.txt"]


def test_a_file_that_was_sent_before_and_checked_later_counts_as_new():
    case, author, draft = in_review()
    draft.delete()
    record = came(case, "Slow.txt", checked=False)[0]
    draft = start(case, by=author)
    assert draft.materials_reviewed == "" and set(keys_of(draft)) == {("waiting", "1 file still being checked")}
    check(record.pk)
    assert set(keys_of(draft)) == {("here", "Slow.txt")}


def test_files_that_are_being_checked_are_never_reviewed_and_refused_ones_are_no_materials():
    case, author, draft = draft_with(materials_reviewed="Old letter.txt")
    came(case, "One.txt", "Two.txt", checked=False)
    refused = came(case, "Broken.txt", checked=False)[0]
    Record.objects.filter(pk=refused.pk).update(status="refused", reason="It is damaged.", stored=None)
    draft = take(case, author, "2 files still being checked", reviewed=True)
    assert draft.materials_reviewed == "Old letter.txt"
    assert draft.materials_missing.startswith("Not reviewed: 2 files still being checked (") and not materials.news(draft)
    came(case, "Three.txt", checked=False)
    said = take(case, author, "3 files still being checked").materials_missing
    assert said.startswith("Not reviewed: 3 files still being checked (") and "\n" not in said


def test_a_scan_that_grew_is_named_once_with_all_its_files():
    case, author, draft = in_review()
    draft.delete()
    slices = add_files(case, [(f"IM{number}", slice_of(number)) for number in range(5)], by=case.patient).records
    for record in slices[:3]:
        check(record.pk)
    late = slices[3:]
    Record.objects.filter(pk__in=[record.pk for record in late]).update(status="received", ready_at=None, series=None)
    before = start(case, by=author).materials_reviewed
    assert before.endswith("(3 files)")
    for record in late:
        Record.objects.filter(pk=record.pk).update(taken_until=None)
        check(record.pk)
    after = before.replace("(3 files)", "(5 files)")
    assert set(keys_of(draft_of(case))) == {("here", after)}
    assert take(case, author, after).materials_reviewed == after


def test_scans_that_are_called_alike_keep_their_lines():
    alike = [materials.Material("a", "CT (3 files)"), materials.Material("b", "CT (5 files)")]
    assert materials.without_smaller("CT (3 files)\nSeen: CT (3 files)", ["CT (5 files)"], alike) == "CT (3 files)\nSeen: CT (3 files)"
    assert materials.without_smaller("CT (3 files)\nSeen: CT (3 files)", ["CT (5 files)"], alike[1:]) == "Seen: CT (3 files)"


def test_what_was_set_aside_meanwhile_is_said_and_stays_in_the_text():
    case, author, draft = in_review()
    draft.delete()
    Brief.objects.filter(case=case).update(for_whom="self")
    record = add_files(case, [("IM1", slice_of(1))], by=case.patient).records[0]
    check(record.pk)
    record.refresh_from_db()
    draft = start(case, by=author)
    line = draft.materials_reviewed
    assert line.endswith("(1 file)")
    identity = record.series.identity
    identity.set_aside = True
    identity.save()
    assert set(keys_of(draft)) == {("aside", line)}
    draft = take(case, author, line)
    assert draft.materials_reviewed == line and draft.materials_missing.startswith(
        f"Could not be used after all, as it may be about somebody else: {line}"
    )
    assert not materials.news(draft)


def test_what_was_set_aside_before_and_opens_while_it_is_written_is_new():
    case, author, draft = in_review()
    draft.delete()
    Brief.objects.filter(case=case).update(for_whom="self")
    check(add_files(case, [("IM1", slice_of(1))], by=case.patient).records[0].pk)
    identity = case.identities.get()
    assert identity.opened_at
    identity.set_aside = True
    identity.save()
    draft = start(case, by=author)
    assert draft.materials_reviewed == "" and not materials.news(draft)
    decide(case, by=case.owner, identity=identity, accept=True, note="Their maiden name.")
    assert [material.kind for material in materials.news(draft)] == ["here"]
    compared = case.identities.get()
    decide(case, by=case.owner, identity=compared, accept=True, note="As I said.")
    assert case.identities.get().opened_at == compared.opened_at, "they were open all the time"


def test_what_came_between_a_signature_and_its_return_is_new_to_the_copy():
    case, author, draft = draft_with(materials_reviewed="Old letter.txt")
    slow = came(case, "Slow.txt", checked=False)[0]
    draft = take(case, author, "1 file still being checked")
    signing.sign(case, by=author, password=PASSWORD, version=draft.edits)
    check(slow.pk)
    return_to_specialist(case, by=case.owner, code="other", text="The last file is here now.")
    assert set(keys_of(draft_of(case))) == {("here", "Slow.txt")}
    copied = take(case, author, "Slow.txt")
    assert (copied.materials_reviewed, copied.materials_missing) == ("Old letter.txt\nSlow.txt", "")


def test_a_full_list_and_an_empty_choice_are_refused_in_words():
    case, author, draft = draft_with(materials_reviewed="x" * 7990)
    came(case, "A long name of a letter.txt")
    with pytest.raises(Refused, match="tick"):
        materials.take_in(case, by=author, keys=["no such key"], reviewed=True)
    with pytest.raises(Refused, match="no room"):
        take(case, author, "A long name of a letter.txt")
    assert draft_of(case).materials_reviewed == draft.materials_reviewed
    with pytest.raises(NotAllowed):
        materials.take_in(case, by=case.owner, keys=[], reviewed=True)


def test_a_list_too_long_for_its_field_says_so():
    text = fitting([f"Letter {number}" for number in range(2000)], "materials_reviewed", materials.MORE_RECORDS)
    assert len(text) <= 8000 and text.splitlines()[-1] == materials.MORE_RECORDS and fitting([], "limits") == ""


def test_the_reading_room_marks_what_came_and_keeps_what_was_typed(client):
    case, author, draft = draft_with()
    client.force_login(author)
    came(case, "Fresh.txt")
    page = client.get(url("write", case))
    form = page.content.decode().partition('id="writeup"')[2]
    assert 'value="stay"' in form.partition("<button")[2].partition(">")[0], "Enter in a field says nothing of what was reviewed"
    key = keys_of(draft)["here", "Fresh.txt"]
    assert f'value="{key}"' in page.content.decode() and "Something changed in the records" in page.content.decode()
    panel = client.get(f"{reverse('records:panel', args=[case.uid])}?since={draft.created_at.timestamp()}").content.decode()
    assert panel.count("Arrived since you began") == 2
    for nonsense in ("", "nan", "inf", "1e400", "soon"):
        again = client.get(reverse("records:panel", args=[case.uid]), {"since": nonsense})
        assert again.status_code == 200 and "Arrived since" not in again.content.decode()
    answer = client.post(url("write", case), everything(page, materials_reviewed="Mine", then="reviewed", news=key), follow=True)
    assert answer.context["writeup"].text_form["materials_reviewed"].value() == "Mine\nFresh.txt"
    assert f'value="{key}"' not in answer.content.decode()
    old = client.post(url("write", case), fields_of(page) | {"materials_reviewed": "An older window"})
    assert old.status_code == 409
    with pytest.raises(Overtaken):
        save(case, by=author, stamp=Stamp(draft.edits, page.context["stamp"].window), text=full_text())
    nothing = client.post(url("write", case), everything(answer, then="unreviewed"), follow=True)
    assert "Please tick at least one" in nothing.content.decode()
