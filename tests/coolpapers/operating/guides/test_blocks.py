"""Every command and every other block of the operating guides is run here, or is in ``table.NOT_RUN`` with its reason.

The guides are followed from top to bottom on a small real site with the servers they speak of. A new block, or a new
guide, is run without a change here; it fails where a plan has to say how its block is used.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.metadata import metadata
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from bench.operating.parts.guide import GUIDES
from tests.coolpapers.operating.guides.following import Plan, follow
from tests.coolpapers.operating.guides.plans import PLANS
from tests.coolpapers.operating.guides.site import Site, records
from tests.coolpapers.operating.guides.steps import Step, steps_of
from tests.coolpapers.operating.guides.table import NOT_RUN, reason_not_to_run
from tests.house.source import ROOT
from tests.opensearch_server import needs_opensearch
from tests.own_library import make_database

ALL = sorted(GUIDES.glob("*.md"))
STEPS = [step for guide in ALL for step in steps_of(guide)]
FOLLOWED = [guide for guide in ALL if not all(map(reason_not_to_run, steps_of(guide)))]
MARKS = {"opensearch.md": needs_opensearch}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a site with papers and their index."""
    site = Site(tmp_path_factory.mktemp("prepared"))
    make_database(site.data)
    (site.folder / "papers.jsonl").write_text(records())
    site.run("coolpapers import_papers papers.jsonl")
    site.run("coolpapers prepare_site --empty --no-vectors")
    return site.data


@pytest.fixture
def site(prepared: Path, tmp_path: Path) -> Iterator[Site]:
    copy = Site(tmp_path / "site")
    shutil.copytree(prepared, copy.data)
    yield copy
    copy.stop()


@pytest.mark.slow
@pytest.mark.servers
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize(
    "guide", [pytest.param(path, marks=MARKS.get(path.name, []), id=path.stem) for path in FOLLOWED]
)
def test_following_a_guide(guide: Path, site: Site) -> None:
    with ExitStack() as stack:
        stack.callback(site.stop)  # before the servers that it uses
        plan = PLANS[guide.name](site, stack)
        stack.callback(site.stop)
        assert follow(guide, site, plan)


def test_every_row_of_the_table_is_about_a_step() -> None:
    assert [row for row in NOT_RUN if not any(row.covers(step) for step in STEPS)] == []
    assert [row for row in NOT_RUN if len(row.reason) < 20] == []


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        ("```sh\ncoolpapers no_such_command\n```\n", "Unknown command"),
        ("Then run `coolpapers backup`.\n", "required: file"),
        ("```yaml\na: 1\n```\n", "no test uses this block"),
        ("```sh\ncurl http://127.0.0.1:9/\n```\n", "curl"),
    ],
)
def test_a_wrong_block_fails(tmp_path: Path, page: str, problem: str) -> None:
    (tmp_path / "guide.md").write_text(page)
    with pytest.raises(AssertionError, match=problem):
        follow(tmp_path / "guide.md", Site(tmp_path / "site"), Plan())


def not_run(start: str) -> list[Step]:
    """Steps that only these tests look at."""
    found = [step for step in STEPS if re.match(start, step.text) and reason_not_to_run(step)]
    assert found
    return found


def test_trials_follow_their_sections() -> None:
    trial = (ROOT / "bench/operating/trial_one_machine.py").read_text(encoding="utf-8")
    for section in {row.section for row in NOT_RUN if "trial_one_machine" in row.reason}:
        assert f'follow(GUIDE, "{section}"' in trial or section == "nginx"
    assert "servers.nginx(" in trial
    assert "write_files(" in trial


def test_benches_exist() -> None:
    for step in not_run("python -m bench"):
        _, _, module, *options = shlex.split(step.text)
        spec = importlib.util.find_spec(module)
        assert spec is not None, step
        source = Path(str(spec.origin)).read_text(encoding="utf-8")
        assert [option for option in options if option.startswith("--") and f'"{option}"' not in source] == [], step


def test_targets_exist() -> None:
    rules = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert {step.text.split()[1] for step in not_run("make ")} <= set(rules)


def test_extras_exist() -> None:
    extras = set(metadata("coolpapers").get_all("Provides-Extra") or [])
    for step in not_run(r".*pip install"):
        (named,) = re.findall(r"coolpapers\[([\w,]+)\]", step.text)
        assert set(named.split(",")) <= extras, step


def test_requests_of_the_security_plugin_are_valid() -> None:
    for step in not_run("curl --cacert"):
        words = shlex.split(step.text)
        body = json.loads(words[words.index("-d") + 1])
        assert words[words.index("-X") + 1] == "PUT"
        assert body.keys() <= {"cluster_permissions", "index_permissions", "password", "opendistro_security_roles"}
    (settings,) = not_run("network.host")
    for line in settings.text.splitlines():
        assert re.fullmatch(r"(network\.host|plugins\.security\.[a-z_.]+): \S+", line)


def test_commands_that_are_not_run_exist_with_their_options() -> None:
    looked_at = 0
    for step in not_run(""):
        found = re.search(r"(?:^coolpapers|-m coolpapers|manage\.py) ([a-z_]+)(.*)", step.text)
        if found is None:
            continue
        name, rest = found.groups()
        assert name in get_commands(), step
        command = load_command_class(get_commands()[name], name)
        options = {option for action in command.create_parser("", name)._actions for option in action.option_strings}
        assert {word for word in rest.split() if word.startswith("--")} <= options, step
        looked_at += 1
    assert looked_at
