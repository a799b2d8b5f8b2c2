"""The mails and texts of cases in every state hold nothing that was typed there."""

from collections.abc import Iterator

from django.db.models import Model

from secondop.cases.access import Access
from secondop.cases.models import Case, Handover
from secondop.notices.content import mail_of
from secondop.notices.kinds import ACCOUNT
from secondop.notices.models import Channel, Notice
from secondop.notices.texts import text_of
from tracking.models import Helper

# Who is invited is named in the invitation; rights hold the words of the site, not of people.
OTHERS = (Helper, Handover, Access)


def rows_of(row: Model, above: tuple[type[Model], ...] = (Case,)) -> Iterator[Model]:
    """The rows that belong to ``row``, and those that belong to them."""
    for link in row._meta.related_objects:
        model = link.related_model
        if link.many_to_many or model in above or model in OTHERS:
            continue
        for one in model._base_manager.filter(**{link.field.name: row}):
            yield one
            yield from rows_of(one, (*above, model))


def words_of(notice: Notice) -> list[str]:
    """All that somebody reads of a notice: the parts of its mail, or its text."""
    if notice.channel == Channel.TEXT:
        return [text_of(notice)[1]]
    mail = mail_of(notice)
    return [mail.subject, mail.body, mail.alternatives[0].content]


def test_no_mail_of_any_case_holds_a_word_of_the_case(world):
    typed, models = set(), set()
    for case in world.cases.values():
        for row in rows_of(case):
            models.add(type(row).__name__)
            typed |= {value for value in vars(row).values() if isinstance(value, str) and len(value) > 8 and " " in value}
    typed -= {str(person) for person in world.people.values()}  # an invitation says who invites
    typed -= set(Handover.objects.values_list("full_name", flat=True))  # and greets whom it invites by name
    assert {"Brief", "Question", "Ask", "AskItem", "Record", "Consent", "Opinion", "Answer", "HealthItem"} <= models
    assert len(typed) > 40
    notices = list(Notice.objects.exclude(kind=ACCOUNT).select_related("recipient"))
    assert len({notice.kind for notice in notices}) > 10
    numbers = {text_of(notice)[0] for notice in notices if notice.channel == Channel.TEXT}
    assert len(numbers) > 2, "patients and staff were texted"
    for notice in notices:
        for text in words_of(notice):
            assert not [one for one in typed if one in text], notice.kind
