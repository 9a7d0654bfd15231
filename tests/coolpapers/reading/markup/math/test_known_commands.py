"""The list of commands is what MathJax says it is."""

from __future__ import annotations

import subprocess

from coolpapers.reading.markup.math.known_commands import KNOWN_COMMANDS
from tests.coolpapers.reading.markup.mathjax import NODE, NPM, ROOT, needs_mathjax


def test_common_commands_are_known_and_private_ones_are_not() -> None:
    assert {"alpha", "frac", "mathbb", "text", "begin", "cA", "bfx", "ce", "verb"} <= KNOWN_COMMANDS
    assert not {"e", "la", "ours", "vrho", "SI", "dv", "y"} & KNOWN_COMMANDS


def test_what_defines_or_loads_is_known_so_that_nobody_writes_its_name() -> None:
    assert {"newcommand", "def", "require", "style", "class", "cssId"} <= KNOWN_COMMANDS


@needs_mathjax
def test_every_command_of_mathjax_is_in_the_list() -> None:
    printed = subprocess.run(
        [str(NODE), "--no-warnings", "tools/list_mathjax_commands.mjs", str(NPM)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout.split()
    assert len(printed) > 1_000
    assert set(printed) - KNOWN_COMMANDS == set()
