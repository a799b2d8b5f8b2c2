"""What the patient tells us: the four intake screens as rows."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from secondop.catalog.places import place_in_words
from secondop.catalog.reasons import Reason


class ForWhom(models.TextChoices):
    """Whose case it is."""

    SELF = "self", "For me"
    OTHER = "other", "For someone I care for"


class Relationship(models.TextChoices):
    """How the person who asks stands to the person the case is about."""

    PARENT = "parent", "I am their parent"
    CHILD = "child", "I am their son or daughter"
    PARTNER = "partner", "I am their husband, wife, or partner"
    GUARDIAN = "guardian", "I am their legal guardian"
    OTHER = "other", "Other"


class Authority(models.TextChoices):
    """By what right somebody asks for another person."""

    PARENTAL = "parental", "Parental responsibility for a child"
    ATTORNEY = "attorney", "Health care power of attorney"
    GUARDIAN = "guardian", "Court-appointed guardian"
    CONSENT = "consent", "The person asked me to and agrees"


class AgeBand(models.TextChoices):
    """Age of the person the case is about, as exact as routing needs it."""

    INFANT = "0-1", "Under 2"
    CHILD = "2-11", "2 to 11"
    TEEN = "12-17", "12 to 17"
    ADULT = "18-39", "18 to 39"
    MIDDLE = "40-64", "40 to 64"
    OLDER = "65-79", "65 to 79"
    OLDEST = "80+", "80 or older"


class Channel(models.TextChoices):
    """How the patient wants to be reached."""

    EMAIL = "email", "E-mail"
    PHONE = "phone", "Phone call"


class Value(models.TextChoices):
    """What can matter most to a patient; three may be picked."""

    LIVE_LONGER = "longevity", "Living as long as possible"
    QUALITY = "quality", "Feeling well day to day"
    INDEPENDENCE = "independence", "Staying independent"
    AVOID_SURGERY = "no_surgery", "Avoiding an operation"
    SIDE_EFFECTS = "side_effects", "Few side effects"
    WORK = "work", "Keeping up work or school"
    FAMILY = "family", "Time with family"
    FERTILITY = "fertility", "Being able to have children"
    COST = "cost", "What it costs me"
    CERTAINTY = "certainty", "Being sure about the diagnosis"
    UNSURE = "unsure", "I don’t know yet"


class Detail(models.TextChoices):
    """How much the patient wants to read."""

    SHORT = "short", "The main points"
    FULL = "full", "All the detail"
    LATER = "later", "I don’t know yet"


class Prognosis(models.TextChoices):
    """Whether the patient wants to read about the likely course of the illness."""

    YES = "yes", "Yes, tell me"
    NO = "no", "No, leave it out"
    ASK = "ask", "Ask me first"


class HealthKind(models.TextChoices):
    """The lists of the third screen."""

    EVENT = "event", "What happened when"
    MEDICINE = "medicine", "Medicines"
    ALLERGY = "allergy", "Allergies"
    CONDITION = "condition", "Other conditions"
    OPERATION = "operation", "Operations"
    FAMILY = "family", "Illness in the family"


class ListState(models.TextChoices):
    """Whether a list of the third screen holds something, nothing, or is not known."""

    LISTED = "listed", "I list them below"
    NONE = "none", "None"
    UNKNOWN = "unknown", "I don't know"


class Brief(models.Model):
    """The single answers of the intake.

    ``done`` names the screens the patient has finished; ``saved_by_page`` keeps for each screen the token of the page that
    saved it last, so that an older tab cannot overwrite a newer one; ``noted`` keeps when a section that saves by itself was last
    written into the audit log, by person; ``decisions`` holds the consents as long as the
    request is not sent: for each one whether it was given and the hash of the words that were read.
    """

    case = models.OneToOneField("cases.Case", models.CASCADE, related_name="brief")
    done = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    saved_by_page = models.JSONField(default=dict, blank=True)
    noted = models.JSONField(default=dict, blank=True)

    for_whom = models.CharField(max_length=5, choices=ForWhom.choices, blank=True)
    subject_name = models.CharField(max_length=120, blank=True)
    relationship = models.CharField(max_length=10, choices=Relationship.choices, blank=True)
    authority = models.CharField(max_length=10, choices=Authority.choices, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    age_band = models.CharField(max_length=5, choices=AgeBand.choices, blank=True)
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=80, blank=True)
    no_emergency = models.BooleanField(null=True)
    consequence = models.TextField(max_length=1000, blank=True)
    language = models.CharField(max_length=60, blank=True)
    interpreter = models.BooleanField(default=False)
    accessibility = models.TextField(max_length=1000, blank=True)
    channel = models.CharField(max_length=5, choices=Channel.choices, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)

    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True)
    diagnosis = models.TextField(max_length=2000, blank=True)
    diagnosis_unknown = models.BooleanField(default=False)
    first_opinion = models.TextField(max_length=4000, blank=True)
    first_opinion_by = models.CharField(max_length=200, blank=True)
    first_opinion_on = models.DateField(null=True, blank=True)
    values = ArrayField(models.CharField(max_length=12, choices=Value.choices), default=list, blank=True)
    values_own = models.CharField(max_length=300, blank=True)
    detail = models.CharField(max_length=5, choices=Detail.choices, blank=True)
    prognosis = models.CharField(max_length=3, choices=Prognosis.choices, blank=True)

    lists = models.JSONField(default=dict, blank=True)

    decisions = models.JSONField(default=dict, blank=True)
    signed_name = models.CharField(max_length=120, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    signed_ip = models.GenericIPAddressField(null=True, blank=True)
    signed_agent = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"brief of {self.case}"

    @property
    def subject(self) -> str:
        """The name of the person somebody asks for; empty where they ask for themselves, whatever was typed before."""
        return self.subject_name if self.for_whom == ForWhom.OTHER else ""

    @property
    def place(self) -> str:
        """Where the patient lives: region and country."""
        return place_in_words(self.country, self.region)

    @property
    def what_matters(self) -> list[str]:
        """What matters most to the patient: what was picked, then their own words; not knowing yet counts only by itself."""
        picked = [str(Value(value).label) for value in self.values if value in Value.values and value != Value.UNSURE]
        found = [*picked, *filter(None, [self.values_own])]
        return found or [str(Value.UNSURE.label) for value in self.values if value == Value.UNSURE]


class Question(models.Model):
    """One of up to five questions, in the patient's own words."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["case", "position"], name="question_position", deferrable=models.Deferrable.DEFERRED),
            models.CheckConstraint(condition=models.Q(position__lt=5), name="question_at_most_five"),
        ]

    def __str__(self) -> str:
        return self.text


class HealthItem(models.Model):
    """A dated event, medicine, allergy, condition, operation or illness in the family, as the patient tells it."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="health")
    kind = models.CharField(max_length=10, choices=HealthKind.choices)
    text = models.CharField(max_length=500)
    when = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["kind", "position", "pk"]

    def __str__(self) -> str:
        return self.text


class TreatingDoctor(models.Model):
    """A doctor who treats the patient, and whether we may contact them."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="treating_doctors")
    name = models.CharField(max_length=120)
    institution = models.CharField(max_length=160, blank=True)
    contact = models.CharField(max_length=200, blank=True)
    may_contact = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class Source(models.Model):
    """A place that holds records of the patient: they upload them, or ask us to fetch them."""

    class How(models.TextChoices):
        UPLOAD = "upload", "I will upload them"
        FETCH = "fetch", "Please fetch them"

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="sources")
    name = models.CharField(max_length=160)
    place = models.CharField(max_length=160, blank=True)
    what = models.CharField(max_length=300, blank=True)
    how = models.CharField(max_length=6, choices=How.choices)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class NotInvolved(models.Model):
    """A person or hospital that the patient does not want to be involved."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="not_involved")
    name = models.CharField(max_length=160)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
