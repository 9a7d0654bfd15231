"""Papers that readers ask for by an identifier. Start at :mod:`.requests`."""
