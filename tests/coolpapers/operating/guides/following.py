"""Follow a guide from its first step to its last one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.coolpapers.operating.guides.site import Site
from tests.coolpapers.operating.guides.steps import Step, steps_of
from tests.coolpapers.operating.guides.table import reason_not_to_run

ENDLESS = re.compile(r"python manage\.py serve|celery -A coolpapers (?:worker|beat)")
Steps = dict[str, Callable[[], object]]
Texts = dict[str, Callable[[str], object]]


@dataclass
class Plan:
    """What happens beside the steps of a guide. Keys are "SECTION: START" of the steps that they belong to.

    ``before`` is what a sentence asks for, such as an empty folder; ``after`` gets what the command printed; ``blocks``
    gets a block that is no command, and uses it; ``end`` looks at the site. ``translate`` turns a command for
    containers into that of the process in them.
    """

    before: Steps = field(default_factory=dict)
    after: Texts = field(default_factory=dict)
    blocks: Texts = field(default_factory=dict)
    end: Callable[[], object] = lambda: None
    translate: Callable[[str], str] = str
    used: set[str] = field(default_factory=set)

    def of(self, step: Step, table: Mapping[str, Callable[..., object]]) -> Callable[..., object] | None:
        for key, action in table.items():
            if f"{step.section}: {step.text}".startswith(key):
                self.used.add(key)
                return action
        return None

    def unused(self) -> set[str]:
        return {*self.before, *self.after, *self.blocks} - self.used


Prepare = Callable[[Site, ExitStack], Plan]


def follow(guide: Path, site: Site, plan: Plan) -> int:
    """Run every step that is not in the table; returns how many. A block that nothing knows how to use is a failure."""
    steps = [step for step in steps_of(guide) if not reason_not_to_run(step)]
    for step in steps:
        if before := plan.of(step, plan.before):
            before()
        if step.language != "sh":
            use = plan.of(step, plan.blocks)
            assert use is not None, f"no test uses this block: {step}"
            use(site.place(step.text))
            continue
        printed = ""
        if ENDLESS.match(step.text):
            site.start(step.text)
        else:
            printed = site.run(plan.translate(step.text))
        if after := plan.of(step, plan.after):
            after(printed)
    plan.end()
    assert not plan.unused(), f"the guide has no such step: {plan.unused()}"
    return len(steps)
