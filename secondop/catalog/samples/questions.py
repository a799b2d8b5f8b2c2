"""Questions that people may want to ask, by the reason for the second opinion and for some fields of medicine.

They are worded for this project, those of no field after general lists that a United States agency publishes for patients; no clinician
of an installation has read them, so each comes as a sample, and patients read that.
"""

from typing import NamedTuple

from ..reasons import Reason

AHRQ = "Written for this site after “Questions To Ask Your Doctor”, Agency for Healthcare Research and Quality"
SURGERY = "Written for this site after “Having Surgery? What You Need to Know”, Agency for Healthcare Research and Quality"
OURS = "Written for this site"


class Questions(NamedTuple):
    """Questions for one reason; with a ``specialty`` (its name) only there."""

    reason: Reason
    source: str
    texts: tuple[str, ...]
    specialty: str = ""


QUESTIONS = (
    Questions(
        Reason.CONFIRM,
        AHRQ,
        (
            "Do my records support this diagnosis?",
            "What else could it be, and what speaks for or against that?",
            "Is there a test that would make it more certain?",
            "What happens if we wait before we do anything?",
        ),
    ),
    Questions(
        Reason.TREATMENT,
        AHRQ,
        (
            "Which treatments are there for me, doing nothing included?",
            "What can each one do for me, and how likely is that?",
            "What are the risks and side effects of each?",
            "Which would you choose for someone like me, and why?",
        ),
    ),
    Questions(
        Reason.OPERATION,
        SURGERY,
        (
            "Do I need this operation, and why now?",
            "Is there another way to treat this?",
            "What will I gain, how likely is it, and how long will it last?",
            "What are the risks for someone of my age and health?",
            "What happens if I do not have the operation, or have it later?",
            "How long will it take me to get back to my daily life?",
        ),
    ),
    Questions(
        Reason.NO_DIAGNOSIS,
        AHRQ,
        (
            "What could explain all of my symptoms?",
            "Which tests should come next, and what would each tell us?",
            "Was anything missed in the tests I have had?",
            "Which doctor should I see next?",
            "Which signs should make me get help at once?",
        ),
    ),
    Questions(
        Reason.NOT_WORKING,
        AHRQ,
        (
            "Is the diagnosis still right if the treatment does not help?",
            "Was the treatment given long enough, and in the right dose?",
            "What should we try next?",
            "Could my other medicines or illnesses be in the way?",
        ),
    ),
    Questions(
        Reason.DISAGREE,
        AHRQ,
        (
            "Where do my doctors agree, and where do they differ?",
            "What would settle the difference?",
            "Is there time to find out before I decide?",
            "Which advice fits best with what matters to me?",
        ),
    ),
    Questions(
        Reason.OTHER,
        AHRQ,
        (
            "What is the most important thing for me to know?",
            "What are my choices from here?",
            "What would you ask in my place?",
            "What should I talk about with my own doctor next?",
        ),
    ),
    Questions(
        Reason.CONFIRM,
        OURS,
        (
            "Should another pathologist look at my tissue sample?",
            "What type and stage is it, and how sure is that?",
            "Are there markers or genes that should be tested?",
        ),
        "Medical oncology",
    ),
    Questions(
        Reason.TREATMENT,
        OURS,
        (
            "What is the goal: to cure, to slow it down, or to feel better?",
            "What would each treatment mean for my days at home and at work?",
            "Can a treatment wait until I have heard all my choices?",
        ),
        "Medical oncology",
    ),
    Questions(
        Reason.TREATMENT,
        OURS,
        (
            "Is it safe to watch it closely before I treat it?",
            "What will each treatment do to my bladder, bowel, and sex life?",
        ),
        "Urology",
    ),
    Questions(
        Reason.TREATMENT,
        OURS,
        (
            "Can the treatment be given in fewer sessions?",
            "Which healthy parts will the rays reach, and what may that do later?",
        ),
        "Radiation oncology",
    ),
    Questions(
        Reason.OPERATION,
        OURS,
        (
            "Have I given exercise and other care enough time?",
            "How often is the joint or bone operated on again later?",
            "When can I walk, drive, and work again?",
        ),
        "Orthopedic surgery",
    ),
    Questions(
        Reason.OPERATION,
        OURS,
        (
            "Do the pictures explain my pain or weakness?",
            "What is the risk of lasting harm to nerves or speech?",
            "Which signs would make the operation urgent?",
        ),
        "Neurosurgery",
    ),
    Questions(
        Reason.OPERATION,
        OURS,
        (
            "Can this be done through a blood vessel instead of open surgery?",
            "Which medicines will I need afterward, and for how long?",
        ),
        "Cardiology",
    ),
    Questions(
        Reason.OPERATION,
        OURS,
        (
            "Can my ovaries or womb be kept, and is that safe?",
            "Should the operation be done where it is done often?",
        ),
        "Gynecologic oncology",
    ),
)
