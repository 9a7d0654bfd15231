"""Pages of librarians and readers."""
