"""RSS and Atom feeds of journals and servers."""

from __future__ import annotations

import io

from coolpapers.feeding.errors import SourceMisconfigured
from coolpapers.feeding.kinds.base import Harvest
from coolpapers.papers.errors import SourceFormatError
from coolpapers.papers.sources.feed import FeedPaperSource


def harvest_feed(run: Harvest) -> None:
    """The entries of a feed, if it changed since the last time."""
    if not run.source.address:
        raise SourceMisconfigured("Give the address of the feed.")
    answer = run.client.get_if_changed(run.source.address, tag=str(run.cursor.get("tag", "")), accept=_unusable)
    if answer is None:
        return
    run.write(FeedPaperSource().read(io.BytesIO(answer.content), name=run.source.address), location=run.source.address)
    run.cursor["tag"] = answer.tag


def _unusable(data: bytes) -> str:
    try:
        for _item in FeedPaperSource().read(io.BytesIO(data), name="feed"):
            pass
    except SourceFormatError as exc:
        return str(exc)
    return ""
