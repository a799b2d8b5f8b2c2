"""Version 1 of every consent. Braces are filled in for the case: see ``intake.consents``.

The authorization carries every element of 45 CFR 164.508(c)(1) and (2), in the order of the rule; ``catalog.elements`` looks
for each of them. Signature, date and the representative's authority, (c)(1)(vi), are stored with the signed text.
"""

from datetime import date
from typing import Any, NamedTuple

from ..models import ConsentText

Kind = ConsentText.Kind


class Text(NamedTuple):
    """One wording."""

    kind: str
    title: str
    required: bool
    body: str

    def columns(self) -> dict[str, Any]:
        """What a new row gets besides kind and version; each paragraph on a line of its own."""
        body = "\n\n".join(" ".join(paragraph.split()) for paragraph in self.body.strip().split("\n\n"))
        return {"title": self.title, "body": body, "required": self.required, "since": date(2026, 1, 1)}


REVIEW = """
I ask {recipient} to review the health records of {patient} from a distance and to write a second opinion.

I understand that the specialist will not examine {patient} in person. The opinion rests on the records and on what I
write. It adds to the care of the doctors who treat {patient} and does not replace it. It is not for emergencies.

The people who work on this case may read what I send. Nobody else may, unless I agree.

I can take this consent back at any time on my case page. The review then stops.
"""

SHARE = """
I agree that {recipient} sends the finished second opinion to the treating doctors of {patient} whom I named and whom
I allowed you to contact. They may also be asked for missing facts.

I can take this back at any time on my case page. What has been sent before then cannot be called back. My second
opinion does not depend on this answer.
"""

FAMILY = """
I agree that {recipient} may tell family members about this case. This covers only the people I name, and only what I
allow each of them to see.

I can take this back at any time on my case page. My second opinion does not depend on this answer.
"""

CONTACT = """
I agree that {recipient} contacts me after the opinion to ask how things went. The mails hold no health details.

I can take this back at any time on my case page. My second opinion does not depend on this answer.
"""

RESEARCH = """
I agree that {recipient} uses facts from this case for research and teaching, after everything that points to
{patient} has been taken out.

This is off unless I say yes. I can take it back at any time for the future. My second opinion does not depend on this
answer.
"""

# In the order of 45 CFR 164.508: (c)(1)(i) to (v), then (c)(2)(i) to (iii), then (c)(4).
SOURCE = """
What may be released: these health records of {patient}: {records}. This does not cover psychotherapy notes.

Who may release them: {source}.

Who may receive them: {recipient}, its care coordinators, and the specialist who reviews this case.

Why: {purpose}.

How long this holds: it ends {expires}.

I may take this back: I can revoke it at any time, in writing, on my case page or by a letter to {recipient}. It then
ends at once, except for records that were already released because of it.

My care does not depend on this: {source} and {recipient} may not make treatment, payment, enrollment or benefits
depend on whether I sign. Without the records, the second opinion may have gaps.

After the release: the records may be passed on by whoever receives them, and federal privacy rules may then no longer
protect them.

I get a copy: the signed text stays on my case page, and I can print it.

Who signs: {signer}.
"""

TEXTS = (
    Text(Kind.REVIEW, "Review of my records from a distance", True, REVIEW),
    Text(Kind.SHARE, "Sharing with my treating doctors", False, SHARE),
    Text(Kind.FAMILY, "Telling my family", False, FAMILY),
    Text(Kind.CONTACT, "Asking me later how it went", False, CONTACT),
    Text(Kind.RESEARCH, "Research and teaching", False, RESEARCH),
    Text(Kind.SOURCE, "Permission to release records", False, SOURCE),
)
