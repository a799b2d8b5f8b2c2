#!/usr/bin/env python3
"""Django's command line for this project."""

import os
import sys

import secondop  # noqa: F401  (puts the apps of requests/ and reviews/ on sys.path)
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "secondop.settings")
    os.environ.setdefault("DATABASE_SECONDS", "0")
    execute_from_command_line(sys.argv)
