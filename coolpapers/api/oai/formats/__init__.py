"""Metadata formats: each writes one paper as one XML element. Start at :data:`~.registry.FORMATS`."""
