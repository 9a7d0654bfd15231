"""The catalogue in Django's admin: papers and imports (:mod:`.papers`), possible duplicates (:mod:`.pairs`)."""

from __future__ import annotations

from coolpapers.papers.admin import pairs, papers  # noqa: F401 - registers them
