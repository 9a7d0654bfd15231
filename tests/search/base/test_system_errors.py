from __future__ import annotations

import errno
from pathlib import Path

import pytest

from search.base.system_errors import error_number, is_refused


@pytest.mark.parametrize(
    ("error", "number"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), errno.ENOSPC),
        (ValueError('IoError(Os { code: 30, kind: ReadOnlyFilesystem, message: "Read-only file system" })'), 30),
        (ValueError("No space left on device (os error 28)"), 28),
        (ValueError("a number such as 28"), None),
        (KeyError("x"), None),
    ],
    ids=str,
)
def test_the_number_of_an_error(error: Exception, number: int | None) -> None:
    assert error_number(error) == number


def test_what_is_there_or_absent_is_not_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not is_refused(tmp_path / "file")
    assert not is_refused(tmp_path)
    assert not is_refused(tmp_path / "absent")
