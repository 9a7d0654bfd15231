"""What the commands that merge papers and keep them apart share."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from coolpapers.papers.duplicates.decisions import Outcome, find_decision, find_named, undo_decision
from coolpapers.papers.errors import PairError
from coolpapers.papers.models import PaperPair


class DecisionCommand(BaseCommand):
    """Decides on two papers, or takes the decision back; ``done`` says what was done."""

    state: ClassVar[PaperPair.State]
    decide: ClassVar[Callable[..., Outcome]]
    done: ClassVar[str]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("first", metavar="A", help="a paper or record (any identifier, address or key)")
        parser.add_argument("second", metavar="B", help="another one")
        parser.add_argument("--undo", action="store_true", help="take the decision back")

    def handle(self, *, first: str, second: str, undo: bool, **_: Any) -> None:
        try:
            one, other = find_named(first), find_named(second)
            if undo:
                outcome = undo_decision(find_decision(one, other, self.state), now=timezone.now())
            else:
                outcome = type(self).decide(one, other, by=type(self).__module__.rpartition(".")[2], now=timezone.now())
        except PairError as exc:
            raise CommandError(str(exc)) from exc
        keys = ", ".join(paper.key for paper in outcome.papers)
        self.stdout.write(f"Undone: {keys}" if undo else f"{self.done}: {keys}")
