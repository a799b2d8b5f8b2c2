"""Why people ask for a second opinion: questions that others asked are kept by reason, and each request names one."""

from django.db import models


class Reason(models.TextChoices):
    """Why a second opinion is asked for."""

    CONFIRM = "confirm", "Confirm a diagnosis"
    TREATMENT = "treatment", "Choose a treatment"
    OPERATION = "operation", "An operation was advised"
    NO_DIAGNOSIS = "no_diagnosis", "There is no diagnosis yet"
    NOT_WORKING = "not_working", "The treatment is not working"
    DISAGREE = "disagree", "Doctors disagree"
    OTHER = "other", "Something else, or I am not sure"
