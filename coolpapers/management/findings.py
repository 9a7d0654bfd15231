"""What is known of a part of the site.

A finding is *ok*, a *warning* (the site works, with fewer or older results) or *broken* (readers or administrators meet
errors); the last two name the command or setting that fixes the problem. Sentences are translated when they are shown,
because ``/status`` keeps findings for readers of all languages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop, override

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

OK, WARNING, BROKEN = "ok", "warning", "broken"
PARTS = (
    *(gettext_noop("data folder"), gettext_noop("secret key"), gettext_noop("disk"), gettext_noop("static files")),
    *(gettext_noop("database"), gettext_noop("ranking"), gettext_noop("index"), gettext_noop("vectors")),
    *(gettext_noop("encoder"), gettext_noop("cross-encoder"), gettext_noop("worker"), gettext_noop("cache")),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one part in a sentence, and what fixes it ("" if nothing needs to be fixed).

    ``part``, one of PARTS, and ``state`` are the same in every language. ``message`` and ``cure`` may be lazy
    translations. ``detail`` is what another program or a library says, which is in English.
    """

    part: str
    state: str
    message: StrOrPromise
    cure: StrOrPromise = ""
    detail: str = ""

    def sentence(self) -> str:
        """Message and detail in the present language."""
        return f"{self.message} {self.detail}".rstrip()

    def as_json(self) -> dict[str, str]:
        """For programs: in English, whatever the language of the process."""
        with override("en"):
            return {"part": self.part, "state": self.state, "message": self.sentence(), "cure": str(self.cure)}
