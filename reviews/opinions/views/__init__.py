"""Pages of the reading room, of signing, of the check and of the second look."""
