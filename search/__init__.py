"""Finding papers: query language, engines, fusion, pipeline. Start at ``services.py``."""
