"""``manage.py separate_papers A B``: keep two papers apart, or take that back."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from coolpapers.papers.duplicates.decisions import find_decision, find_named, separate_papers, undo_decision
from coolpapers.papers.errors import PairError
from coolpapers.papers.models import PaperPair


class Command(BaseCommand):
    help = (
        "Keep two papers apart, now and in later imports. Two records of one paper become two papers; name them by "
        "the keys of the records. --undo takes it back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("first", metavar="A", help="a paper or record (any identifier, address or key)")
        parser.add_argument("second", metavar="B", help="another one")
        parser.add_argument("--undo", action="store_true", help="take the decision back")

    def handle(self, *, first: str, second: str, undo: bool, **_: Any) -> None:
        try:
            one, other = find_named(first), find_named(second)
            if undo:
                outcome = undo_decision(find_decision(one, other, PaperPair.State.APART), now=timezone.now())
            else:
                outcome = separate_papers(one, other, by="separate_papers", now=timezone.now())
        except PairError as exc:
            raise CommandError(str(exc)) from exc
        keys = ", ".join(paper.key for paper in outcome.papers)
        self.stdout.write(f"Undone: {keys}" if undo else f"Kept apart: {keys}")
