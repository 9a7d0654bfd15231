"""One paper on the page: Markdown and math, summaries, full text. Start at ``markdown.py``."""
