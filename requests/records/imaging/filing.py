"""Putting checked images and health documents where they belong: under the person they name, an image into its series."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from secondop.cases.authority import PURPOSE
from secondop.cases.models import Case

from ..kinds import DOCUMENTS
from . import asking
from .models import Identity, Listed, Series

OF_SERIES = {"study_date": 10, "study_description": 200, "modality": 16, "body_part": 64}


class Key(NamedTuple):
    """What tells one series of a case from another."""

    identity: tuple[str, str, str]
    study_uid: str
    series_uid: str


def file(case: Case, records: Sequence[Any]) -> None:
    """Give every image of ``records`` its series, position and name, and every health document its person.

    What names a person who is not the patient is set aside; papers about who may ask name others. ``case`` has to be locked, so that
    nobody makes the same series meanwhile. The records are not saved.
    """
    keep_listed(records)
    medical = [record for record in records if record.purpose != PURPOSE]
    images = [(record, key_of(record.facts)) for record in medical if record.facts.get("sop_uid")]
    documents = [(record, person_of(record.facts)) for record in medical if record.kind in DOCUMENTS and record.facts]
    if not images and not documents:
        return
    people = asking.identities(case, {key.identity for _, key in images} | {who for _, who in documents})
    for record, who in documents:
        record.identity = people[who]
    into_series(case, images, people)


def into_series(case: Case, images: Sequence[tuple[Any, Key]], people: dict[tuple[str, str, str], Identity]) -> None:
    """Give every image its series, position and name."""
    series = series_of(case, {key: record.facts for record, key in images}, people) if images else {}
    for record, key in images:
        record.series = series[key]
        record.sop_uid = record.facts["sop_uid"][:64]
        record.position = integer(record.facts["instance_number"])


def keep_listed(records: Sequence[Any]) -> None:
    """Keep what tables of contents list as rows of their own; in the facts its number is left."""
    rows = []
    for record in records:
        if found := record.facts.get("listed"):
            rows += [Listed(record=record, sop_uid=named[:64], place=place) for named, place in found]
            record.facts["listed"] = len(found)
    Listed.objects.bulk_create(rows, batch_size=2000)


def key_of(facts: dict[str, Any]) -> Key:
    """The series that a file with ``facts`` belongs to."""
    return Key(person_of(facts), facts["study_uid"][:64], facts["series_uid"][:64])


def person_of(facts: dict[str, Any]) -> tuple[str, str, str]:
    """Whom a file names: name, birth date and sex."""
    patient = facts["patient"]
    return patient["name"], patient["birth_date"], patient["sex"][:16]


def series_of(case: Case, wanted: dict[Key, dict[str, Any]], people: dict[tuple[str, str, str], Identity]) -> dict[Key, Series]:
    """The series of ``wanted`` (each with the facts of one of its files), made where they are not there."""
    names = {identity.pk: who for who, identity in people.items()}
    there = Series.objects.filter(case=case, identity__in=names, series_uid__in={key.series_uid for key in wanted})
    found = {Key(names[row.identity_id], row.study_uid, row.series_uid): row for row in there}
    new = {key: made(case, key, facts, people[key.identity]) for key, facts in wanted.items() if key not in found}
    Series.objects.bulk_create(new.values())
    return found | new


def made(case: Case, key: Key, facts: dict[str, Any], identity: Identity) -> Series:
    """A series as one of its files describes it."""
    described = {name: facts[name][:longest] for name, longest in OF_SERIES.items()}
    number = integer(facts["series_number"])
    return Series(
        case=case,
        identity=identity,
        study_uid=key.study_uid,
        series_uid=key.series_uid,
        description=facts["series_description"],
        number=number if number is not None and abs(number) < 2**31 else None,
        **described,
    )


def integer(text: str) -> int | None:
    """An integer string of a header as a number that the database takes."""
    try:
        number = int(text)
    except ValueError:
        return None
    return number if abs(number) < 2**63 else None


def clear_empty(case: Case) -> None:
    """Forget series without a file, and people whom no file names: what was taken out leaves no name behind."""
    case.series.filter(records=None).delete()
    case.identities.filter(series=None, records=None).delete()
