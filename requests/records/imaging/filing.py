"""Putting checked images where they belong: into the series of their header, under the person it names."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from secondop.cases.models import Case

from . import asking
from .models import Identity, Listed, Series

OF_SERIES = {"study_date": 10, "study_description": 200, "modality": 16, "body_part": 64}


class Key(NamedTuple):
    """What tells one series of a case from another."""

    identity: tuple[str, str, str]
    study_uid: str
    series_uid: str


def file(case: Case, records: Sequence[Any]) -> None:
    """Give every image of ``records`` its series, position and name; those of a person who is not the patient are set aside.

    ``case`` has to be locked, so that nobody makes the same series meanwhile. The records are not saved.
    """
    keep_listed(records)
    images = [(record, key_of(record.facts)) for record in records if record.facts.get("sop_uid")]
    if not images:
        return
    people = asking.identities(case, {key.identity for _, key in images})
    series = series_of(case, {key: record.facts for record, key in images}, people)
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
    patient = facts["patient"]
    who = (patient["name"], patient["birth_date"], patient["sex"][:16])
    return Key(who, facts["study_uid"][:64], facts["series_uid"][:64])


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
    """Forget series without a file, and people without a series: what was taken out leaves no name behind."""
    case.series.filter(records=None).delete()
    case.identities.filter(series=None).delete()
