"""``manage.py separate_papers A B``: keep two papers apart, or take that back."""

from __future__ import annotations

from coolpapers.papers.duplicates.decisions import separate_papers
from coolpapers.papers.management.decisions import DecisionCommand
from coolpapers.papers.models import PaperPair


class Command(DecisionCommand):
    help = (
        "Keep two papers apart, now and in later imports. Two records of one paper become two papers; name them by "
        "the keys of the records. --undo takes it back."
    )
    state = PaperPair.State.APART
    decide = staticmethod(separate_papers)
    done = "Kept apart"
