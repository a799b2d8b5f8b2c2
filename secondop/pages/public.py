"""The public pages: address, title, and what search engines and previews say of each. Footer, sitemap and robots.txt follow this table."""

from typing import NamedTuple


class Page(NamedTuple):
    """One page that everybody may read, signed in or not. ``name`` is that of its URL, its view and its template."""

    name: str
    path: str
    title: str
    description: str


PAGES = {
    page.name: page
    for page in (
        Page(
            "home",
            "",
            "A second look, before you decide",
            "Ask for a medical second opinion. A specialist reads your records and answers your questions in plain words.",
        ),
        Page(
            "how_it_works",
            "how-it-works/",
            "How it works",
            "From your first question to a signed answer: what you do, what we do, who sees your records, and what happens when.",
        ),
        Page(
            "specialties",
            "specialties/",
            "Specialties, and what to send",
            "The fields of medicine in which you can ask for a second opinion here, and which records help in each of them.",
        ),
        Page(
            "sample_opinion",
            "sample-opinion/",
            "A sample opinion",
            "Read a whole second opinion about an invented case: the short answer, what agrees, what differs, and your options.",
        ),
        Page(
            "for_specialists",
            "for-specialists/",
            "For specialists",
            "Write second opinions with the records beside you, your own view first, and a text that never changes once signed.",
        ),
        Page(
            "for_doctors",
            "for-doctors/",
            "For treating doctors",
            "Your patient asked for a second opinion: what the letter holds, how you can help, and what happens with what you give them.",
        ),
        Page(
            "your_data",
            "your-data/",
            "Your data",
            "What this site stores about you, who can see it and when, how it is protected, how long it stays, and how you can leave.",
        ),
        Page(
            "accessibility",
            "accessibility/",
            "Accessibility",
            "How this site is made to work for everybody, how that is tested, what does not work yet, and how to tell us.",
        ),
    )
}
# What begins with these is for people who signed in; crawlers are asked to stay out.
SIGNED_IN = (
    *("/accounts/", "/admin/", "/cases/", "/data/", "/demo/", "/desk/", "/me/"),
    *("/notices/", "/offers/", "/opinion/", "/records/", "/request/", "/review/"),
)
