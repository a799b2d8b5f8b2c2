"""Questions that others asked, for somebody who looks for the words: by the reason for the second opinion and the field of medicine."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from secondop.catalog.models import QuestionPrompt, Specialty
from secondop.catalog.reasons import Reason

UNREAD = "no clinician here has read them yet"


class Group(NamedTuple):
    """Questions under one title; ``reason`` and ``specialty`` (a key) are empty where it is for all, ``source`` is what they rest on."""

    title: str
    reason: str
    specialty: str
    texts: list[str]
    source: str
    shown: bool = True


def groups(reason: str, specialty: str) -> list[Group]:
    """All groups, those shown that fit what was chosen; all of them where none fits, because nothing was chosen yet."""
    found = [*by_reason(QuestionPrompt.objects.filter(active=True).select_related("specialty")), *by_specialty()]
    fitting = [group for group in found if group.reason in ("", reason) and group.specialty in ("", specialty)]
    return [group._replace(shown=not fitting or group in fitting) for group in found]


def by_reason(prompts: Iterable[QuestionPrompt]) -> Iterator[Group]:
    """The rows that administrators keep by reason, and by reason in a field of medicine."""
    kept: dict[tuple[str, Specialty | None], list[QuestionPrompt]] = {}
    for prompt in prompts:
        if prompt.specialty is None or prompt.specialty.active:
            kept.setdefault((prompt.reason, prompt.specialty), []).append(prompt)
    for (reason, specialty), rows in kept.items():
        sources = dict.fromkeys([row.source for row in rows if row.source] + [UNREAD for row in rows if row.sample])
        title = f"{specialty}: {Reason(reason).label}" if specialty else str(Reason(reason).label)
        yield Group(title, reason, str(specialty.pk) if specialty else "", [row.text for row in rows], "; ".join(sources))


def by_specialty() -> Iterator[Group]:
    """What patients of each specialty often ask, whatever their reason."""
    for specialty in Specialty.objects.filter(active=True):
        if specialty.prompts:
            yield Group(specialty.name, "", str(specialty.pk), specialty.prompts, "")
