"""The documentation for readers as pages of the site: ``docs/`` in Markdown, rendered by our own renderer.

Start at :func:`read_help`. Chinese pages lie in ``docs/zh``, at the same paths.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString

from coolpapers.reading.pages.rendercache import cached_markdown

# Name in the address → path in docs/, in the order of the index.
HELP_PAGES = {
    "first-steps": "first-steps.md",
    "query-language": "query-language.md",
    "keys": "reference/keys.md",
    "following": "reference/alerts.md",
    "collections": "reference/collections.md",
    "personal-state": "reference/personal-state.md",
    "feeds": "reference/feeds.md",
}
# Folders of translations, by language code of the site; English lies in docs/ itself.
TRANSLATIONS = {"zh-hans": "zh"}

# A line break between two characters that are written without blanks: a browser would show a blank for it.
_BREAK = re.compile(r"(?<=[\u3000-\uffef])\n(?=[\u3000-\uffef])")
_LINK = re.compile(r"\[([^\]\n]+)\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class HelpPage:
    """One page. ``language`` is that of its text: English where there is no translation."""

    name: str
    title: str
    body: SafeString
    language: str


def read_help(name: str, language: str) -> HelpPage:
    """A page of :data:`HELP_PAGES` in a language of the site.

    Raises
    ------
    KeyError
        For another name.
    """
    path, language = _find(name, language)
    title, body = _split_title(_BREAK.sub("", path.read_text(encoding="utf-8")))
    return HelpPage(name, title, cached_markdown(_link_pages(body, HELP_PAGES[name])), language)


def help_titles(language: str) -> list[tuple[str, str]]:
    """Names and titles of all pages, in order."""
    return [(name, _read_title(_find(name, language)[0])) for name in HELP_PAGES]


def _find(name: str, language: str) -> tuple[Path, str]:
    folder = Path(settings.DOCS_DIR)
    translated = folder / TRANSLATIONS.get(language, "") / HELP_PAGES[name]
    if translated.is_file():
        return translated, language if language in TRANSLATIONS else "en"
    return folder / HELP_PAGES[name], "en"


def _split_title(text: str) -> tuple[str, str]:
    heading, _, body = text.partition("\n")
    return heading.removeprefix("# ").strip(), body


def _read_title(path: Path) -> str:
    with path.open(encoding="utf-8") as lines:
        return next(lines, "").removeprefix("# ").strip()


def _link_pages(text: str, path: str) -> str:
    """Links between the pages lead to their addresses; links to other files of the project become text."""
    names = {page: name for name, page in HELP_PAGES.items()}

    def link(match: re.Match[str]) -> str:
        label, target = match.groups()
        if re.match(r"[a-z]+:", target):
            return match[0]
        page = posixpath.normpath(posixpath.join(posixpath.dirname(path), target.partition("#")[0]))
        name = names.get(page)
        return f"[{label}]({reverse('help:show_page', args=[name])})" if name else label

    return _LINK.sub(link, text)
