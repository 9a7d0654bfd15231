"""What an import refused or dropped, kept with its run so that an administrator can read it later."""

from __future__ import annotations

from coolpapers.papers.models import ImportProblem, ImportRun
from coolpapers.papers.records.record import Refusal

MAX_PROBLEMS = 1_000  # rows a run; a file in which everything is wrong says so in fewer


class ProblemLog:
    """Collects problems and writes them with the run; the first :data:`MAX_PROBLEMS` of a run are kept."""

    def __init__(self, run: ImportRun) -> None:
        self._run = run
        self._room = MAX_PROBLEMS - (run.problems.count() if run.pk else 0)
        self._rows: list[ImportProblem] = []

    def add(self, refusal: Refusal, *, refused: bool) -> None:
        """Note a refused record or (``refused`` false) a dropped field; written by :meth:`save`."""
        if len(self._rows) >= self._room:
            return
        self._rows.append(
            ImportProblem(
                run=self._run,
                refused=refused,
                location=refusal.location[-200:],
                line=max(refusal.line, 0),
                field=refusal.field[:60],
                reason=refusal.reason[:500],
            )
        )

    def save(self) -> None:
        """Write what was noted since the last call."""
        if self._rows:
            ImportProblem.objects.bulk_create(self._rows)
            self._room -= len(self._rows)
            self._rows = []
