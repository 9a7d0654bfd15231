"""Sources of papers, their files, and summarizers."""

from __future__ import annotations

from typing import Any

from coolpapers.base.env import read_bool, read_choice, read_float, read_int, read_list, read_path, read_str
from coolpapers.settings.places import DATA_DIR

# Readers of paper files and feeds, by the name for `import_papers --source`.
PAPER_SOURCES: dict[str, dict[str, Any]] = {
    "jsonl": {"BACKEND": "coolpapers.papers.sources.jsonl.JsonLinesSource"},
    "arxiv-json": {"BACKEND": "coolpapers.papers.sources.arxiv.snapshot.ArxivJsonSource"},
    "arxiv-oai": {"BACKEND": "coolpapers.papers.sources.arxiv.oai.ArxivOaiSource"},
    "arxiv-atom": {"BACKEND": "coolpapers.papers.sources.arxiv.atom.ArxivAtomSource"},
    "feed": {"BACKEND": "coolpapers.papers.sources.feed.FeedPaperSource"},
    "acl-xml": {"BACKEND": "coolpapers.papers.sources.acl_xml.AclXmlSource"},
    "csl-json": {"BACKEND": "coolpapers.papers.sources.references.csl.CslJsonSource"},
    "biorxiv": {"BACKEND": "coolpapers.papers.sources.biorxiv.BiorxivSource"},
    "conference-json": {"BACKEND": "coolpapers.papers.sources.conference_json.ConferenceJsonSource"},
    "bibtex": {"BACKEND": "coolpapers.papers.sources.bibtex.source.BibtexSource"},
    "ris": {"BACKEND": "coolpapers.papers.sources.references.ris.RisSource"},
    "endnote-xml": {"BACKEND": "coolpapers.papers.sources.references.endnote_xml.EndnoteXmlSource"},
    "endnote": {"BACKEND": "coolpapers.papers.sources.references.endnote_tagged.EndnoteTaggedSource"},
    "nbib": {"BACKEND": "coolpapers.papers.sources.references.nbib.NbibSource"},
    "pdf": {"BACKEND": "coolpapers.papers.sources.pdf_folder.PdfFolderSource"},
}

# Who may have a paper fetched that the library lacks, by its identifier: nobody, accounts or everyone.
GET_PAPERS = read_choice("COOLPAPERS_GET_PAPERS", "nobody", ("nobody", "accounts", "everyone"))
# Largest file that readers upload, in megabytes; MAX_BODY_MB bounds it too.
UPLOAD_MAX_MB = read_int("COOLPAPERS_UPLOAD_MAX_MB", 30)
# Command that scans uploaded files for viruses; the path of the file is appended. Status 0: clean, 1: infected.
# Empty: none. Example: clamdscan --fdpass --no-summary
SCAN_COMMAND = read_str("COOLPAPERS_SCAN_COMMAND", "")
# Folder of incoming files: sources of the kind "folder" watch it and the folders in it. Example: /srv/incoming
WATCH_DIR = read_path("COOLPAPERS_WATCH_DIR", DATA_DIR / "incoming")

# The site's PDFs, and those fetched when a reader opens them.
FILES_DIR = DATA_DIR / "files"
# Fetch a paper's PDF from its source when a reader opens it, and store it under <data>/files. Off: [PDF] links to the
# source, and this server sends no requests to others.
FETCH_PDFS = read_bool("COOLPAPERS_FETCH_PDFS", False)
# Largest PDF fetched, in megabytes.
FETCH_PDFS_MAX_MB = read_int("COOLPAPERS_FETCH_PDFS_MAX_MB", 50)
# Hosts that PDFs are fetched from, with the hosts below them; "*": any. Example: arxiv.org,example.org
FETCH_PDFS_HOSTS = read_list(
    "COOLPAPERS_FETCH_PDFS_HOSTS",
    [
        "arxiv.org",
        "aclanthology.org",
        "openreview.net",
        "proceedings.mlr.press",
        "papers.nips.cc",
        "proceedings.neurips.cc",
        "openaccess.thecvf.com",
        "ecva.net",
        "ijcai.org",
        "ojs.aaai.org",
        "isca-archive.org",
        "roboticsproceedings.org",
        "usenix.org",
        "jmlr.org",
        "biorxiv.org",
        "medrxiv.org",
        "hal.science",
        "zenodo.org",
    ],
)
# The entry of SUMMARIZERS that writes requested summaries: extractive (no model), endpoint (a language model), or off
# (only imported summaries are shown).
SUMMARIZER = read_str("COOLPAPERS_SUMMARIZER", "extractive")
SUMMARIZERS: dict[str, dict[str, Any]] = {
    "imported": {"BACKEND": "coolpapers.reading.summarizers.imported.ImportedSummaries"},
    "extractive": {"BACKEND": "coolpapers.reading.summarizers.extractive.ExtractiveSummarizer"},
    "endpoint": {
        "BACKEND": "coolpapers.reading.summarizers.endpoint.EndpointSummarizer",
        "OPTIONS": {
            # Base address of an OpenAI-compatible API. Example: http://localhost:11434/v1
            "url": read_str("COOLPAPERS_LLM_URL", ""),
            # Name of the model there. Example: qwen3:8b
            "model": read_str("COOLPAPERS_LLM_MODEL", ""),
            # Key sent as bearer token; empty: none.
            "key": read_str("COOLPAPERS_LLM_KEY", ""),
            # File with the system prompt and the questions of each language; empty:
            # coolpapers/reading/summarizers/prompts.toml, which shows the format.
            "prompts": read_str("COOLPAPERS_LLM_PROMPTS", ""),
            # Seconds without a byte after which an answer counts as stalled.
            "timeout_s": read_float("COOLPAPERS_LLM_TIMEOUT_S", 60.0),
            # Seconds for all questions of one paper together.
            "deadline_s": read_float("COOLPAPERS_LLM_DEADLINE_S", 900.0),
            # Attempts per question, at most 5, before the summary fails.
            "attempts": read_int("COOLPAPERS_LLM_ATTEMPTS", 5),
            # Maximum prompt and answer, in tokens (estimated for the prompt; the paper's text is truncated to fit).
            "max_prompt_tokens": read_int("COOLPAPERS_LLM_MAX_PROMPT_TOKENS", 24_000),
            "max_answer_tokens": read_int("COOLPAPERS_LLM_MAX_ANSWER_TOKENS", 2_000),
            # Requests and estimated tokens per minute of one process; 0 means no limit.
            "requests_per_minute": read_int("COOLPAPERS_LLM_REQUESTS_PER_MINUTE", 20),
            "tokens_per_minute": read_int("COOLPAPERS_LLM_TOKENS_PER_MINUTE", 0),
        },
    },
}
# Maximum number of queued summaries; further requests are refused.
SUMMARY_QUEUE_MAX = read_int("COOLPAPERS_SUMMARY_QUEUE_MAX", 500)
# Pages per process that can stream summaries while they are written; each occupies one thread. Others poll every few
# seconds.
SUMMARY_STREAMS_MAX = read_int("COOLPAPERS_SUMMARY_STREAMS_MAX", 4)
