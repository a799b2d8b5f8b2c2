"""Names of countries and their states or provinces (ISO 3166-1 and 3166-2)."""

import unicodedata
from functools import lru_cache

import pycountry
from django.core.exceptions import ValidationError


def plain(text: str) -> str:
    """``text`` without accents, case and outer spaces, for comparing names that people type."""
    letters = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(ch for ch in letters if not unicodedata.combining(ch))


FIRST = "US"
COUNTRIES = sorted(
    ((c.alpha_2, getattr(c, "common_name", c.name)) for c in pycountry.countries), key=lambda pair: (pair[0] != FIRST, plain(pair[1]))
)
COUNTRY_NAMES = dict(COUNTRIES)


def place_in_words(country: str, region: str) -> str:
    """A region and its country (an ISO 3166-1 code) as people say them: "Ohio, United States"."""
    return ", ".join(filter(None, [region, COUNTRY_NAMES.get(country, country)]))


def country_code(text: str) -> None:
    """Raise ``ValidationError`` unless ``text`` is the code of a country as rules and licences hold it: in capitals."""
    if text not in COUNTRY_NAMES:
        raise ValidationError("Give the two-letter code of the country in capitals, such as US.")


def known_region(country: str, text: str) -> str:
    """The official name of a state or province. Raises ``ValidationError`` when the country has none of that name or code."""
    region = find_region(country, text)
    if region is None:
        raise ValidationError({"region": "This country has no state or province of that name. Leave it empty for the whole country."})
    return region


def official_region(country: str, text: str) -> str:
    """The official name of a state or province that was typed by name or code; what is not known stays as it was typed."""
    region = find_region(country, text)
    return text.strip() if region is None else region


@lru_cache(maxsize=4096)
def find_region(country: str, text: str) -> str | None:
    """The official name of a state or province by name or code, empty for none given, ``None`` when it is not known."""
    wanted = plain(text)
    if not wanted:
        return ""
    for region in pycountry.subdivisions.get(country_code=country.upper()) or []:
        if wanted in (plain(region.name), plain(region.code), plain(region.code.partition("-")[2])):
            return region.name
    return None
