"""Reading one paper: rendering of Markdown and math, summaries, citations and PDFs."""
