"""A search as programs ask for it: strict, its errors told with position and cure, read on by a cursor.

The cursor of a search names the hit shown last and its place. Papers that came in meanwhile move that hit; it is looked
for around its place and the list goes on behind it, so that none comes twice and none is passed over.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from coolpapers.api.errors import BadParameter, BadQuery, Unavailable
from coolpapers.api.resources.cursors import read_cursor, write_cursor
from coolpapers.finding.flags import FlagResolver
from coolpapers.finding.pages.error_pages import RETRY_AFTER_S
from coolpapers.finding.questions import Question
from coolpapers.finding.reader_orders import by_stars
from coolpapers.finding.services import search_papers
from search.engines.results import SearchPage
from search.errors import IndexDamaged, IndexLocked, IndexMissing, QuerySyntaxError, QueryTooLarge

logger = logging.getLogger(__name__)

MAX_START = 1_000_000  # the deepest place a number leads to; cursors go on to the end
LOOK_AROUND = 500  # hits before and behind its old place among which the last hit is looked for


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of hits and the cursor of the next, "" at the end."""

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
        If ``start`` is too deep, or the cursor is invalid or belongs to another question.
    Unavailable
        If there is no index to ask.
    """
    if question.start > MAX_START:
        cure = f"Use the cursor “next” to read beyond hit {MAX_START:,}."
        raise BadParameter(f"start={question.start} is too deep.", where="start", cure=cure)
    with engine_errors(where):
        if cursor:
            question = replace(question, start=_start_behind(question, cursor, resolve_flag))
        page = _search(question, resolve_flag)
    stop = question.start + len(page.hits)
    if not page.hits or stop >= page.total:
        return Answer(page, "")
    return Answer(page, write_cursor({"at": stop - 1, "key": page.hits[-1].key}, question=list_of(question)))


def list_of(question: Question) -> Question:
    """The list that a question reads from, whichever part of it and whatever is said of its hits."""
    return replace(question, start=0, top_k=0, facets=(), explain=False)


@contextmanager
def engine_errors(where: str = "q") -> Iterator[None]:
    """Errors of searching as what programs are told of them."""
    try:
        yield
    except QuerySyntaxError as exc:
        raise BadQuery(exc.message + ".", where=where, position=exc.position, cure=exc.cure) from exc
    except QueryTooLarge as exc:
        raise BadQuery(str(exc), where=where, cure="Ask in several shorter queries.") from exc
    except IndexMissing as exc:
        message, cure = "There is no search index yet.", "The librarian runs manage.py update_index."
        raise Unavailable(message, cure=cure, retry_after_s=RETRY_AFTER_S) from exc
    except IndexDamaged as exc:
        logger.warning("The search index does not open: %s", exc)
        message, cure = "The search index cannot be read.", "The librarian runs manage.py rebuild_index."
        raise Unavailable(message, cure=cure, retry_after_s=RETRY_AFTER_S) from exc
    except IndexLocked as exc:
        message, cure = "The search index is being written.", "Ask again in a minute."
        raise Unavailable(message, cure=cure, retry_after_s=RETRY_AFTER_S) from exc


def _start_behind(question: Question, cursor: str, resolve_flag: FlagResolver | None) -> int:
    """The place behind the hit that a cursor names; where that hit is gone, behind its old place."""
    whole = list_of(question)
    place = read_cursor(cursor, question=whole, kinds={"at": int, "key": str})
    at: int = place["at"]
    if not 0 <= at < 2**40:
        raise BadParameter("This is no cursor.", where="cursor", cure="Begin without a cursor.")
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
