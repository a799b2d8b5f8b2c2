"""What a FHIR resource says is not so, was not done or no longer holds: by R4, and by the marks that DSTU2 and STU3 had for it."""

from .fhir_values import Resource, codes, txt

NO_LONGER_SAID, REFUTED = "entered-in-error", "refuted"
SAYING_SO = ("status", "docStatus", "verificationStatus")
# Yes to one of these is a no to all the rest. The first is R4's.
MARKS = {
    "doNotPerform": "Not to be done",
    "notDone": "Not done",
    "notPerformed": "Not done",
    "notGiven": "Not given",
    "wasNotGiven": "Not given",
    "wasNotTaken": "Not taken",
}
GIVEN = ("Immunization", "MedicationAdministration")


def is_taken_back(resource: Resource) -> bool:
    """Whether it was a mistake, by whichever of its standings says so."""
    return any(NO_LONGER_SAID in codes(resource, name) for name in SAYING_SO)


def said(resource: Resource) -> str:
    """What the file says of something that is not so, was not done or must not be."""
    if any(REFUTED in codes(resource, name) for name in SAYING_SO):
        return "Not present"
    marked = next((words for mark, words in MARKS.items() if resource.get(mark) is True), "")
    if marked:
        return marked
    if txt(resource, "status") == "not-done":
        return "Not given" if txt(resource, "resourceType") in GIVEN else "Not done"
    return "Not taken" if "not-taken" in codes(resource, "status") or txt(resource, "taken") == "n" else ""
