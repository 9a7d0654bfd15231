"""Terms of an index as the words that readers see: ``diffus`` is "diffusion" in this title. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape

from search.text.analysis import query_tokens, stem

_MARKED = re.compile(r"<mark>(.*?)</mark>", re.DOTALL)
_TERM = re.compile(r"[^\s\"]+")


def marked_words(html: str) -> list[str]:
    """The matches of a highlighted text, in order, each spelling once."""
    return list(dict.fromkeys(unescape(re.sub(r"<[^>]+>", "", match)) for match in _MARKED.findall(html)))


class Wording:
    """Which word stands for a term of an index.

    Parameters
    ----------
    words : words as they stand in a text or a query; the first word that yields a term stands for it
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._word_of: dict[str, str] = {}
        for word in words:
            tokens = query_tokens(word)
            for token in tokens:
                part = word[token.start : token.end]
                for term in (token.text, token.folded, token.exact):
                    self._word_of.setdefault(term, part)
            if len(tokens) > 1:  # a compound, which the closed form of its parts finds: multi-task, multitask
                closed = "".join(token.folded for token in tokens)
                for term in (closed, stem(closed)):
                    self._word_of.setdefault(term, word)

    def __contains__(self, term: str) -> bool:
        return term in self._word_of

    def describe(self, term: str) -> str:
        """The words of a term, of a phrase in quotes, or of a prefix (``diffus*``), which stays as it is."""
        return _TERM.sub(lambda match: self._word_of.get(match.group(), match.group()), term)
