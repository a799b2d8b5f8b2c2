"""Whatever is in a health document, only known columns come out of it, and nothing is raised that the child does not expect."""

import io
import json
import random

from hypothesis import given
from hypothesis import strategies as st

from records.facts import tidy
from records.formats.clinical import ccda, fhir
from records.formats.clinical.rows import COLUMNS, KINDS
from records.formats.problems import Unreadable

from . import documents
from .documents import bundle, document, rows, section

MARKER = "ZQXMARKER"
FIELDS = st.sampled_from(
    [
        *("code", "coding", "text", "valueQuantity", "component", "name", "status", "section", "item", "condition", "content", "type"),
        *("attachment", "data", "performer", "div", "note", "dosage", "reaction", "contained", "reference", "period", "class"),
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.sampled_from(["", "2015-13", "#a", "<p>", "\ud800"])
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(FIELDS, inner, max_size=3), max_leaves=6)
PARTS = st.sampled_from(
    [
        *("act", "observation", "organizer", "procedure", "substanceAdministration", "supply", "encounter", "code", "value", "text"),
        *("entryRelationship", "component", "effectiveTime", "consumable", "manufacturedProduct", "participant", "low", "reference"),
    ]
)
TYPES = st.sampled_from(["PQ", "CD", "IVL_PQ", "IVL_TS", "TS", "BL", "RTO", "CONC", "SEV"])
TEXTS = st.fixed_dictionaries({name: st.text() | st.integers() for name in ("text", "starts", "denial", "path")})
FACTS = {"title": "", "written": "", "source": "", "patient": {"name": "", "birth_date": "", "sex": ""}, "others": {}, "left_out": 0}


def element(name: str, kind: str, parts: list[str]) -> str:
    """An element of a C-CDA, its attributes as odd as its place."""
    return f"<{name} value='20150101' code='{kind}' xsi:type='{kind}'>{''.join(parts)}</{name}>"


XML = st.recursive(st.just("words"), lambda inner: st.builds(element, PARTS, TYPES, st.lists(inner, max_size=2)), max_leaves=6)


@given(st.sampled_from(sorted(fhir.READERS)), st.dictionaries(FIELDS, JSON, max_size=4))
def test_any_resource_is_read(kind, fields):
    facts = fhir.facts(io.BytesIO(json.dumps({**fields, "resourceType": kind}).encode()))
    assert tidy("fhir", json.loads(json.dumps(facts)))["left_out"] == 0


@given(st.sampled_from(["48765-2", "11450-4", "10160-0", "30954-2", "29762-2", "0"]), XML)
def test_any_statement_is_read_or_passed_over(code, inside):
    facts = ccda.facts(io.BytesIO(document(section(code, f"<entry><act>{inside}</act></entry><entry>{inside}</entry>"))))
    assert tidy("ccda", json.loads(json.dumps(facts)))["entries"]


def test_bytes_turned_over_at_random_are_read_or_refused():
    chance = random.Random(5)
    for reader, whole in ((fhir, documents.synthea()), (ccda, documents.real_ccda("kareo-summary-of-care"))):
        for _ in range(60):
            broken = bytearray(whole)
            for _ in range(chance.choice((1, 5))):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            try:
                facts = reader.facts(io.BytesIO(bytes(broken)))
            except (Unreadable, SyntaxError, ValueError, LookupError):
                continue
            assert facts["entries"]


def test_what_no_reader_knows_never_comes_out():
    """A marker in every field and attribute that is not shown."""
    odd = {"secret": MARKER, "extension": [{"valueString": MARKER}], "identifier": [{"value": MARKER}], "meta": {"source": MARKER}}
    resources = [{"resourceType": kind, "code": {"text": "Seen", **odd}, **odd} for kind in sorted(fhir.READERS)]
    resources.append({"resourceType": "Patient", "telecom": [{"value": MARKER}], "address": [{"text": MARKER}], **odd})
    told = {"resourceType": "DiagnosticReport", "text": {"div": f"<div onclick='{MARKER}'>Fine<script>{MARKER}</script></div>"}}
    found = json.dumps(tidy("fhir", fhir.facts(io.BytesIO(bundle(*resources, told)))))
    assert "Seen" in found and "Fine" in found and MARKER not in found
    entry = f"<entry><observation secret='{MARKER}'><code displayName='Seen'/><x>{MARKER}</x><id root='{MARKER}'/></observation></entry>"
    found = json.dumps(rows(document(section("30954-2", entry, f"a<linkHtml href='{MARKER}' styleCode='{MARKER}'>b</linkHtml>"))))
    assert "Seen" in found and "ab" in found and MARKER not in found


@given(TEXTS | st.dictionaries(st.text(), st.text()), st.sampled_from([*KINDS, "x"]))
def test_only_rows_of_the_known_shape_pass(row, kind):
    """The child may have been taken over by the document it read."""
    try:
        (found,) = tidy("fhir", {**FACTS, "entries": [{**row, "kind": kind, "more": MARKER}]})["entries"]
    except ValueError:
        return
    assert set(found) == {*COLUMNS, "kind"}
    assert all(len(found[name]) <= limit for name, limit in COLUMNS.items())
