"""The catalogue: identifiers, models, sources, citations, feeds. Start at ``models.py`` and ``services.py``."""
