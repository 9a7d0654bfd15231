"""Papers and queries for trials: files handed to developers, or the starter library where they are not there."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[3]
STARTER = CHECKOUT / "coolpapers" / "papers" / "starter" / "papers.jsonl"
Paper = dict[str, Any]


def shared_folder() -> Path:
    return Path(os.environ.get("COOLPAPERS_SHARED_DATA") or CHECKOUT.parent / "shared" / "data")


def read_papers(n_papers: int) -> list[Paper]:
    """The first papers of the shared library, or of the starter library."""
    shared = shared_folder() / "papers.jsonl.gz"
    return list(islice(read_lines(shared if shared.is_file() else STARTER), n_papers))


def read_queries(n_queries: int, papers: list[Paper]) -> list[str]:
    """Questions of readers, and titles of papers where there are not enough."""
    files = ("queries_unjudged.jsonl.gz", "eval/topics_dev/queries.jsonl.gz", "eval/autoscholar_dev/queries.jsonl.gz")
    paths = [path for name in files if (path := shared_folder() / name).is_file()]
    queries = [" ".join(line["text"].split()) for path in paths for line in read_lines(path)]
    titles = [" ".join(paper["title"].split()[:4]) for paper in papers]
    return list(dict.fromkeys([*queries, *titles]))[:n_queries]


def read_lines(path: Path) -> Iterator[Paper]:
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
        for line in lines:
            yield json.loads(line)


def split_for_harvest(papers: list[Paper], n_harvested: int) -> tuple[list[Paper], list[Paper]]:
    """Papers to import, and some of arXiv to harvest, with their ids."""
    arxiv = [paper for paper in papers if str(paper["id"]).startswith("arxiv:")][-n_harvested:]
    keys = {paper["id"] for paper in arxiv}
    harvested = [{**paper, "arxiv_id": paper["id"].removeprefix("arxiv:")} for paper in arxiv]
    return [paper for paper in papers if paper["id"] not in keys], harvested


def write_papers(path: Path, papers: list[Paper]) -> None:
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        file.writelines(f"{json.dumps(paper)}\n" for paper in papers)
