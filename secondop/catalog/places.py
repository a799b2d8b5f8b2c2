"""Names of countries and their states or provinces (ISO 3166-1 and 3166-2)."""

import unicodedata

import pycountry


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


def official_region(country: str, text: str) -> str:
    """The official name of a state or province that was typed by name or code; what is not known stays as it was typed."""
    wanted = plain(text)
    for region in pycountry.subdivisions.get(country_code=country.upper()) or []:
        if wanted in (plain(region.name), plain(region.code), plain(region.code.partition("-")[2])):
            return region.name
    return text.strip()
