"""The reader of guides sees commands of blocks and of sentences, and other blocks, in the order of the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.coolpapers.operating.guides.steps import commands_of, steps_of

PAGE = """# Top

Run `coolpapers
backup a.zip` (a file `a.zip`, the setting `COOLPAPERS_DEBUG`).

## Part

```sh
# a comment
curl -d '{
  "a": 1}' http://x
celery -A coolpapers \\
  beat
```

```yaml
a: 1
```

`coolpapers` alone is no command; `make run` is.
"""


def test_steps_are_in_the_order_of_the_page(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(PAGE)
    assert [(step.section, step.language, step.text) for step in steps_of(tmp_path / "a.md")] == [
        ("Top", "sh", "coolpapers backup a.zip"),
        ("Part", "sh", "# a comment"),
        ("Part", "sh", "curl -d '{\n  \"a\": 1}' http://x"),
        ("Part", "sh", "celery -A coolpapers \\\n  beat"),
        ("Part", "yaml", "a: 1\n"),
        ("Part", "sh", "make run"),
    ]


def test_a_quotation_without_an_end_is_refused() -> None:
    with pytest.raises(ValueError, match="no end"):
        list(commands_of("curl -d '{"))
