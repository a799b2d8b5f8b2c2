"""Names, people and numbers of images, compared."""

import pytest

from records.imaging import gaps, names
from records.imaging.comparing import Person, compare
from records.imaging.models import Verdict

M, D, U = Verdict.MATCHES, Verdict.DIFFERS, Verdict.UNCLEAR


@pytest.mark.parametrize(
    ("ours", "header", "verdict"),
    [
        ("Jane Doe", "Doe^Jane", M),
        ("jane doe", "DOE^JANE^MARIE^^Dr", M),
        ("Jane Marie Doe", "Doe^Jane", M),
        ("Jane Marie Doe", "Doe^J^M", M),
        ("J. Doe", "Doe^Jane", M),
        ("Jürgen Müller", "Mueller^Juergen", M),
        ("Jürgen Müller", "MULLER^JURGEN", M),
        ("Søren Østergård", "Oestergaard^Soeren", M),
        ("José García López", "Garcia^Jose", M),
        ("Anne Marie O'Brien", "O Brien^Annemarie", M),
        ("Łukasz Wałęsa", "Walesa^Lukasz", M),
        ("Tarou Yamada", "Yamada^Tarou=山田^太郎=やまだ^たろう", M),
        ("Jane Doe-Smith", "Doe^Jane", M),
        ("Tarou Yamada", "山田^太郎", U),
        ("Jane Doe", "", U),
        ("", "Doe^Jane", U),
        ("Jane Doe", "ANONYMOUS^1", U),
        ("Jane Doe", "12345", U),
        ("Jane Doe", "Doe", U),
        ("Anna Lindqvist", "Lindquist^Anna", U),
        ("Jane Doe", "Doe^John", D),
        ("Jane Doe", "Roe^Jane", D),
        ("Jane Doe", "CompressedSamples^CT1", D),
        ("Li Wang", "Wang^Lisa", U),
    ],
)
def test_names(ours, header, verdict):
    assert names.compare(ours, header) == verdict


@pytest.mark.parametrize(
    ("ours", "theirs", "verdict", "differs"),
    [
        (("Jane Doe", "1970-01-31", ""), ("Doe^Jane", "1970-01-31", "F"), M, []),
        (("Jane Doe", "1970-01-31", ""), ("Doe^Jane", "", ""), M, []),
        (("Anna Lindqvist", "1970-01-31", ""), ("Lindquist^Anna", "1970-01-31", ""), M, []),
        (("Jane Doe", "1970-01-31", ""), ("Doe^Jane", "1970-01-30", ""), D, ["birth_date"]),
        (("Jane Doe", "", "F"), ("Doe^Jane", "", "M"), D, ["sex"]),
        (("Jane Doe", "", "F"), ("Doe^Jane", "", "O"), M, []),
        (("Jane Doe", "", ""), ("", "1970-01-31", "F"), U, []),
    ],
)
def test_people(ours, theirs, verdict, differs):
    assert compare(Person(*ours), Person(*theirs)) == (verdict, differs)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([*range(1, 12), *range(15, 121)], [(12, 14)]),
        ([3, 4, 5, 6], [(1, 2)]),
        (range(20), []),
        (range(2, 41, 2), []),
        ([2, 4, 6, 10], [(8, 8)]),
        (range(100, 120), []),
        ([1, 101, 201, 999], []),
        ([1, 1, 2, 2, 3], []),
        ([7], []),
    ],
)
def test_gaps(numbers, expected):
    assert gaps.missing(numbers) == expected


def test_gaps_in_words():
    assert gaps.told([(12, 14)], 120) == "Images 12–14 of 120 are missing."
    assert gaps.told([(8, 8)], 10) == "Image 8 of 10 is missing."
