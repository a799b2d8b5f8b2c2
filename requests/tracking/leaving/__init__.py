"""How a patient leaves: having a case erased, and closing their account."""
