"""Search for programs: strict parsing, API errors with position and cure, pagination by cursor.

The cursor of a search holds the key and the index of the last hit shown. New papers may shift that hit, so it is looked
up around its old index and the list continues after it: no hit is repeated or skipped.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from coolpapers.api.errors import BadParameter, BadQuery, Unavailable
from coolpapers.api.resources.cursors import read_cursor, write_cursor
from coolpapers.finding.flags import FlagResolver
from coolpapers.finding.pages.error_pages import RETRY_AFTER_S
from coolpapers.finding.questions import Question
from coolpapers.finding.reader_orders import by_stars
from coolpapers.finding.services import search_papers
from search.engines.results import SearchPage
from search.errors import (
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    IndexUnavailable,
    IndexUnreadable,
    QuerySyntaxError,
    QueryTooLarge,
)

logger = logging.getLogger(__name__)

MAX_START = 1_000_000  # the highest start; cursors reach any hit
LOOK_AROUND = 500  # hits before and after the old index among which the last hit is looked up


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of hits and the cursor of the next page, "" on the last page."""

    page: SearchPage
    next_cursor: str


def search(
    question: Question, *, cursor: str = "", resolve_flag: FlagResolver | None = None, where: str = "q"
) -> Answer:
    """Search the library. A cursor takes the place of the question's ``start``.

    ``where`` names the parameter that holds the query.

    Raises
    ------
    BadQuery
        If the question is strict and its text does not parse.
    BadParameter
        If ``start`` is too large, or the cursor is invalid or belongs to another question.
    Unavailable
        If there is no usable index.
    """
    if question.start > MAX_START:
        cure = f"Use the cursor “next” to read beyond hit {MAX_START:,}."
        raise BadParameter(f"start={question.start} is too large.", where="start", cure=cure)
    with engine_errors(where):
        if cursor:
            question = replace(question, start=_start_after(question, cursor, resolve_flag))
        page = _search(question, resolve_flag)
    stop = question.start + len(page.hits)
    if not page.hits or stop >= page.total:
        return Answer(page, "")
    return Answer(page, write_cursor({"at": stop - 1, "key": page.hits[-1].key}, question=list_of(question)))


def names_first(page: SearchPage) -> dict[str, Any] | None:
    """Where the papers that contain the rare names of the query end, as the line on the page says; None without it."""
    return {"names": list(page.names), "n_papers": page.n_with_names} if page.names else None


def list_of(question: Question) -> Question:
    """The question without its page and without what it asks about single hits; cursors belong to it."""
    return replace(question, start=0, top_k=0, facets=(), explain=False)


@contextmanager
def engine_errors(where: str = "q") -> Iterator[None]:
    """Translate errors of search into API errors."""
    try:
        yield
    except QuerySyntaxError as exc:
        raise BadQuery(exc.message + ".", where=where, position=exc.position, cure=exc.cure) from exc
    except QueryTooLarge as exc:
        raise BadQuery(str(exc), where=where, cure="Split it into shorter queries.") from exc
    except IndexMissing as exc:
        message, cure = "There is no search index yet.", "The administrator must run manage.py update_index."
        raise Unavailable(message, cure=cure, retry_after_s=RETRY_AFTER_S) from exc
    except IndexDamaged as exc:
        logger.warning("The search index does not open: %s", exc)
        message, cure = "The search index cannot be read.", "The administrator must run manage.py rebuild_index."
        raise Unavailable(message, cure=cure, retry_after_s=RETRY_AFTER_S) from exc
    except IndexUnavailable as exc:
        logger.warning("The search servers do not answer: %s", exc)
        message, cure = "The search servers do not answer.", "Try again in a minute."
        raise Unavailable(message, cure=cure, retry_after_s=RETRY_AFTER_S) from exc
    except IndexUnreadable as exc:
        logger.warning("The search index may not be read: %s", exc)
        message, cure = "The site may not read its search index.", "The administrator must run manage.py doctor."
        raise Unavailable(message, cure=cure, retry_after_s=RETRY_AFTER_S) from exc
    except IndexLocked as exc:
        message, cure = "The search index is being written.", "Try again in a minute."
        raise Unavailable(message, cure=cure, retry_after_s=RETRY_AFTER_S) from exc


def _start_after(question: Question, cursor: str, resolve_flag: FlagResolver | None) -> int:
    """The index after the hit of the cursor; after its old index if that hit is gone."""
    whole = list_of(question)
    place = read_cursor(cursor, question=whole, kinds={"at": int, "key": str})
    at: int = place["at"]
    if not 0 <= at < 2**40:
        raise BadParameter("Invalid cursor.", where="cursor", cure="Start without a cursor.")
    last_shown = _search(replace(whole, start=at, top_k=1), resolve_flag)
    if [hit.key for hit in last_shown.hits] == [place["key"]]:
        return at + 1
    first = max(0, at - LOOK_AROUND)
    around = _search(replace(whole, start=first, top_k=2 * LOOK_AROUND + 1), resolve_flag)
    keys = [hit.key for hit in around.hits]
    return first + keys.index(place["key"]) + 1 if place["key"] in keys else at + 1


def _search(question: Question, resolve_flag: FlagResolver | None) -> SearchPage:
    order = by_stars if question.sort == "stars" else None
    return search_papers(question, resolve_flag=resolve_flag, order=order)
