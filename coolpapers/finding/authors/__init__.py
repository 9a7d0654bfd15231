"""Pages of authors: the papers of a name, its spellings, and who else it may be."""
