"""What is kept out of the log."""

import logging
import re

# Part of a path that is long and random and no case's or file's number: the secret of an invitation, the key of a password reset.
SECRET = re.compile(r"(?<=/)(?![0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:/|$))[\w-]{24,}(?=/|$)")


class WithoutSecrets(logging.Filter):
    """Replaces secrets in the paths that Django names in its messages: whoever reads the log must not be able to use a link."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, its arguments cleaned."""
        if isinstance(record.args, tuple):
            record.args = tuple(SECRET.sub("…", value) if isinstance(value, str) else value for value in record.args)
        return True
