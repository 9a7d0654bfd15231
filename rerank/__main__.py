"""Command line of the library: ``python -m rerank {train,evaluate,pack,anchors}``. Start at :func:`main`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from rerank.errors import RerankError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 if it finished, 1 if it failed, 130 if it was stopped and can be resumed."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    try:
        finished: bool = options.run(options)
    except RerankError as exc:
        sys.stderr.write(f"{type(exc).__name__}: {exc}\n")
        return 1
    return 0 if finished else 130


def _parser() -> argparse.ArgumentParser:
    from rerank.training import commands

    parser = argparse.ArgumentParser(prog="python -m rerank", description=__doc__)
    subparsers = parser.add_subparsers(required=True, metavar="{train,evaluate,pack,anchors}")
    commands.add_train(subparsers.add_parser("train", help="train an encoder or a cross-encoder"))
    commands.add_evaluate(subparsers.add_parser("evaluate", help="evaluate a model on graded lists"))
    commands.add_pack(subparsers.add_parser("pack", help="store a trained model as low-rank changes to its base"))
    commands.add_anchors(subparsers.add_parser("anchors", help="score anchor queries against papers; can be resumed"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
