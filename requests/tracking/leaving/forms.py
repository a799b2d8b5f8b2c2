"""Asking who it is before something is gone."""

from secondop.accounts.forms import PasswordAgain
from secondop.web.forms import Form


class LeaveForm(Form):
    """The password, asked for every time and never shown again."""

    use_required_attribute = False
    password = PasswordAgain(help_text="We ask for it again, so that nobody else can do this at your screen.")
