"""Values of BibTeX fields: pieces joined by ``#``, with the strings that the file defines."""

from __future__ import annotations

from collections.abc import Iterator

from coolpapers.papers.sources.bibtex.scanning import Value

MAX_VALUE = 1_000_000  # characters of a value; an abstract of more than a tenth of it is cut
MAX_STRINGS = 8_000_000  # characters of all strings of a file
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"


class Strings:
    """Strings of a file by name. Their expansion is bounded: strings made of strings can grow without end."""

    def __init__(self) -> None:
        self._values: dict[str, str] = dict(zip(_MONTHS.split(), _MONTHS.split()))
        self._room = MAX_STRINGS

    def define(self, name: str, value: Value) -> None:
        """Keep a string for the values after it; one for which there is no room is left undefined."""
        text = self.expand(value)
        if len(text) <= self._room:
            self._room -= len(text)
            self._values[name] = text

    def expand(self, value: Value) -> str:
        """The text of a value, white space as it stands; cut at :data:`MAX_VALUE` characters."""
        pieces: list[str] = []
        room = MAX_VALUE
        for piece in self._pieces(value):
            pieces.append(piece[:room])
            room -= len(piece)
            if room <= 0:
                break
        return "".join(pieces)

    def _pieces(self, value: Value) -> Iterator[str]:
        for is_text, piece in value:
            yield piece if is_text else self._values.get(piece.lower(), piece)
