"""The inbox app."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """A person's own notices on the site, how they want to be told, and the staff's summary of the day."""

    name = "secondop.inbox"
    label = "inbox"
