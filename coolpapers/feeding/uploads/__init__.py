"""Files that readers upload: into their own shelf, or as librarians into the library. Start at :mod:`.running`."""
