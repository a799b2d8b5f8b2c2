"""Screen 3: my health and records."""

from django import forms

from secondop.cases.models import Source
from secondop.cases.models.brief import HealthKind, ListState
from secondop.catalog.models import JurisdictionRule
from secondop.web.forms import Form

from .base import ScreenForm
from .rows import RowsField
from .who import one_of

MAX_ROWS = 30
Asked = tuple[forms.BoundField, forms.BoundField]


class EventRow(Form):
    """Something that happened, with its date as exact as it is known."""

    when = forms.CharField(max_length=40, required=False, label="When (month, year)")
    text = forms.CharField(max_length=500, label="What happened")


class MedicineRow(Form):
    """A medicine."""

    text = forms.CharField(max_length=500, label="Name and dose")
    when = forms.CharField(max_length=40, required=False, label="Since when")


class AllergyRow(Form):
    """An allergy."""

    text = forms.CharField(max_length=500, label="To what, and what happens")
    when = forms.CharField(max_length=40, required=False, label="Since when")


class ConditionRow(Form):
    """Another illness."""

    text = forms.CharField(max_length=500, label="Condition")
    when = forms.CharField(max_length=40, required=False, label="Since when")


class OperationRow(Form):
    """An operation."""

    text = forms.CharField(max_length=500, label="Operation")
    when = forms.CharField(max_length=40, required=False, label="When")


class FamilyRow(Form):
    """An illness in the family."""

    text = forms.CharField(max_length=500, label="Who, and which illness")
    when = forms.CharField(max_length=40, required=False, label="At what age")


class DoctorRow(Form):
    """A doctor who treats the patient."""

    name = forms.CharField(max_length=120, label="Name")
    institution = forms.CharField(max_length=160, required=False, label="Hospital or practice")
    contact = forms.CharField(max_length=200, required=False, label="Phone or e-mail")
    may_contact = forms.BooleanField(required=False, label="You may contact this doctor")


class SourceRow(Form):
    """A place that holds records."""

    name = forms.CharField(max_length=160, label="Hospital or practice (or: at home)")
    place = forms.CharField(max_length=160, required=False, label="City")
    what = forms.CharField(max_length=300, required=False, label="Which records", help_text="For example: the MRI of May 2026")
    how = forms.ChoiceField(choices=Source.How.choices, label="How we get them", initial=Source.How.UPLOAD)


class NotInvolvedRow(Form):
    """Somebody to leave out."""

    name = forms.CharField(max_length=160, label="Person or hospital")


LISTS = {
    HealthKind.EVENT: (EventRow, "What has happened so far?", "Symptoms, tests, and visits, with their dates. A few lines are enough."),
    HealthKind.MEDICINE: (MedicineRow, "Do you take medicines now?", "Count drops, patches, and what you buy without a prescription."),
    HealthKind.ALLERGY: (AllergyRow, "Do you have allergies?", "To medicines, contrast dye, latex, or food."),
    HealthKind.CONDITION: (ConditionRow, "Do you have other conditions?", "Such as diabetes or high blood pressure."),
    HealthKind.OPERATION: (OperationRow, "Have you had operations?", "Small ones and old ones count too."),
    HealthKind.FAMILY: (FamilyRow, "Does an illness run in your family?", "Such as cancer, heart trouble, or strokes in close relatives."),
}


def list_fields() -> dict[str, forms.Field]:
    """The two fields of each list: what is said of it, and its lines."""
    lists: dict[str, forms.Field] = {}
    for kind, (row, label, hint) in LISTS.items():
        lists[f"{kind.value}_state"] = one_of(ListState.choices, label=label, help_text=hint)
        lists[kind.value] = RowsField(row, limit=MAX_ROWS, add="Add another line", label=f"{kind.label}: your list")
    return lists


class HealthForm(ScreenForm):
    """Six lists, each of which may be empty or unknown, the doctors, the places, and who is left out."""

    screen = "health"
    asked = (*(f"{kind.value}_state" for kind in HealthKind), *(kind.value for kind in HealthKind), "sources")

    doctors = RowsField(
        DoctorRow,
        limit=10,
        add="Add another doctor",
        label="Which doctors treat you?",
        help_text="They know you best, and the opinion is meant for them too. We contact a doctor only if you tick the box.",
    )
    sources = RowsField(
        SourceRow,
        limit=20,
        add="Add another place",
        label="Where are your records?",
        help_text="For each place, choose: you upload the records, or we ask for them with your permission. "
        "Not sure? Write the hospital or the doctor you saw last.",
    )
    not_involved = RowsField(
        NotInvolvedRow,
        limit=20,
        add="Add another",
        label="Is there a person or hospital that must not be involved?",
        help_text="We never send your case there.",
    )

    def __init__(self, data=None, *, case, user, complete: bool = False) -> None:
        if data is None or complete or "only" not in data:
            self.asked = (*self.asked, "doctors") if JurisdictionRule.wants_physician(case.brief.country, case.brief.region) else self.asked
        super().__init__(data, case=case, user=user, complete=complete)

    def events(self) -> list[Asked]:
        """What happened so far."""
        return [self.asked_of(HealthKind.EVENT)]

    def lists(self) -> list[Asked]:
        """The other lists."""
        return [self.asked_of(kind) for kind in HealthKind if kind != HealthKind.EVENT]

    def asked_of(self, kind: HealthKind) -> Asked:
        """A list's question with its lines."""
        return self[f"{kind.value}_state"], self[kind.value]


HealthForm.base_fields = {**list_fields(), **HealthForm.base_fields}
