"""The verbs of an opinion: writing, signing, its PDF, the check before release, the second look."""
