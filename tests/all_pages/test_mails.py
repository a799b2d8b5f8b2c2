"""The mails of cases in every state hold nothing that was typed there."""

import pytest

from secondop.notices.content import mail_of
from secondop.notices.kinds import ACCOUNT
from secondop.notices.models import Notice


@pytest.mark.django_db
def test_no_mail_of_any_case_holds_a_word_of_the_case(world):
    typed = set()
    for case in world.cases.values():
        rows = [case.brief, *case.questions.all(), *case.messages.all(), *case.asks.all(), *case.records.all()]
        texts = [value for row in rows for value in vars(row).values() if isinstance(value, str)]
        typed |= {text for text in texts if len(text) > 8 and " " in text}
    typed -= {str(person) for person in world.people.values()}  # an invitation says who invites
    assert len(typed) > 15
    notices = list(Notice.objects.exclude(kind=ACCOUNT).select_related("recipient"))
    assert len({notice.kind for notice in notices}) > 10
    for notice in notices:
        mail = mail_of(notice)
        for text in (mail.subject, mail.body, mail.alternatives[0].content):
            assert not [one for one in typed if one in text], notice.kind
