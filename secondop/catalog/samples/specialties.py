"""Specialties with their NUCC taxonomy codes, what patients often ask, and what a complete case holds."""

from typing import NamedTuple


class Sample(NamedTuple):
    """A specialty; ``checklist`` says of each thing whether a case is incomplete without it."""

    name: str
    code: str
    prompts: tuple[str, ...]
    checklist: dict[str, bool]


EVERY_CASE = {
    "The letter or report of the first opinion": True,
    "A list of the medicines taken now": True,
    "Lab results of the last 6 months": False,
}

SPECIALTIES = (
    Sample(
        "Cardiology",
        "207RC0000X",
        (
            "Do I need this procedure now, or can medicine and time do the same?",
            "How sure is the diagnosis, and which test would settle it?",
            "How much may I exert myself?",
        ),
        {
            "The latest electrocardiogram (ECG) as a picture or PDF": True,
            "The latest echocardiogram: the report, and the images if you can get them": True,
            "The catheter or CT images of the heart, if any were made": False,
        },
    ),
    Sample(
        "Endocrinology",
        "207RE0101X",
        (
            "Do my test results fit the diagnosis?",
            "Is there a treatment with fewer side effects?",
            "What should be checked, and how often?",
        ),
        {
            "Hormone and blood sugar results with their dates and normal ranges": True,
            "Ultrasound or scan reports of the gland in question": False,
        },
    ),
    Sample(
        "Gastroenterology",
        "207RG0100X",
        (
            "Is the diagnosis sure without another endoscopy?",
            "Which treatment should come next if this one does not work?",
            "Do I need an operation?",
        ),
        {
            "The latest endoscopy report with its pictures": True,
            "The pathology report of the tissue samples": True,
            "CT or MRI images of the abdomen, if any were made": False,
        },
    ),
    Sample(
        "Gynecologic oncology",
        "207VX0201X",
        (
            "Is an operation the best first step for me?",
            "Can I still have children after this treatment?",
            "Do I need chemotherapy after the operation?",
        ),
        {
            "The pathology report, with the stage if one is known": True,
            "The original CT or MRI images, not only their reports": True,
            "The operation report, if there was one": False,
        },
    ),
    Sample(
        "Medical oncology",
        "207RX0202X",
        (
            "Is the stage right, and what does it mean for me?",
            "Which treatments are there, and what does each gain and cost me?",
            "Is there a clinical trial that fits?",
        ),
        {
            "The pathology report, with the markers that were tested": True,
            "The original CT, MRI or PET images, not only their reports": True,
            "The treatment plan of the tumor board, if there was one": False,
        },
    ),
    Sample(
        "Neurology",
        "2084N0400X",
        (
            "Could it be something else?",
            "Which treatment slows the illness down, and how well?",
            "Which signs should make me come in at once?",
        ),
        {
            "The original MRI or CT images of the head or spine": True,
            "Reports of nerve, brain wave or spinal fluid tests": False,
        },
    ),
    Sample(
        "Neurosurgery",
        "207T00000X",
        (
            "Do I need this operation, and how soon?",
            "What happens if I wait?",
            "How often does this operation help people like me?",
        ),
        {
            "The original MRI or CT images, not only their reports": True,
            "The surgeon's letter with the operation that was advised": True,
        },
    ),
    Sample(
        "Orthopedic surgery",
        "207X00000X",
        (
            "Is the operation needed, or can exercise and time do the same?",
            "Which operation would you choose, and why?",
            "How long until I can work and walk again?",
        ),
        {
            "The original X-ray or MRI images, not only their reports": True,
            "The letter of the surgeon who advised the operation": True,
            "Reports of physical therapy so far": False,
        },
    ),
    Sample(
        "Radiation oncology",
        "2085R0001X",
        (
            "Is radiation as good as an operation for me?",
            "What late effects should I expect?",
            "Can I have fewer sessions?",
        ),
        {
            "The pathology report, with the stage if one is known": True,
            "The original planning CT or MRI images": True,
            "Dose reports of earlier radiation, if any": False,
        },
    ),
    Sample(
        "Rheumatology",
        "207RR0500X",
        (
            "Do my symptoms and blood tests fit the diagnosis?",
            "Is a stronger medicine worth its risks?",
            "Can I stop a medicine at some point?",
        ),
        {
            "Blood tests for antibodies and inflammation, with dates": True,
            "X-ray or MRI images of the joints": False,
        },
    ),
    Sample(
        "Urology",
        "208800000X",
        (
            "Can we watch and wait instead of treating now?",
            "Operation or radiation: which fits my life better?",
            "What are the chances of lasting side effects?",
        ),
        {
            "The pathology report, with the score if one was given": False,
            "The original MRI or CT images": True,
            "PSA results with their dates, if this is about the prostate": False,
        },
    ),
)
