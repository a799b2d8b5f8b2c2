"""The pages of the desk and of specialists."""
