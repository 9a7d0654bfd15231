"""``manage.py merge_papers A B``: make two papers one, or take that back."""

from __future__ import annotations

from coolpapers.papers.duplicates.decisions import merge_papers
from coolpapers.papers.management.decisions import DecisionCommand
from coolpapers.papers.models import PaperPair


class Command(DecisionCommand):
    help = (
        "Make two papers one, now and in later imports. The one with the older key remains; addresses, stars and "
        "notes of the other lead to it. --undo brings both papers back."
    )
    state = PaperPair.State.SAME
    decide = staticmethod(merge_papers)
    done = "Merged"
