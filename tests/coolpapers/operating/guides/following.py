"""Follow a guide from its first step to its last one."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tests.coolpapers.operating.guides.site import Site
from tests.coolpapers.operating.guides.steps import steps_of
from tests.coolpapers.operating.guides.table import reason_not_to_run

ENDLESS = re.compile(r"python manage\.py serve|celery -A coolpapers (?:worker|beat)")
# Looks at the site that a guide has led to.
Look = Callable[[], object]


def follow(guide: Path, site: Site, look: Look = lambda: None) -> int:
    """Run every step that is not in the table; returns how many. A block that is no command is a failure."""
    steps = [step for step in steps_of(guide) if not reason_not_to_run(step)]
    for step in steps:
        assert step.language == "sh", f"no test uses this block: {step}"
        if ENDLESS.match(step.text):
            site.start(step.text)
        else:
            site.run(step.text)
    look()
    return len(steps)
