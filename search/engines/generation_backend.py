"""What engines share whose index is a folder of generations: opening the newest commit, and errors of damaged files."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from search.base.files import MappedFiles
from search.base.system_errors import UNREADABLE, error_number
from search.engines.base import SearchBackend
from search.engines.generations import REBUILD, GenerationFolder, Signature, State, unreadable_index
from search.errors import IndexDamaged, SearchError


class OpenedIndex(Protocol):
    """A generation that is open at one commit."""

    @property
    def folder(self) -> Path: ...
    @property
    def signature(self) -> Signature: ...
    @property
    def mapped(self) -> MappedFiles: ...


OpenedT = TypeVar("OpenedT", bound=OpenedIndex)


class GenerationBackend(SearchBackend, Generic[OpenedT]):
    """An engine whose index is a :class:`GenerationFolder`. It keeps the newest commit open."""

    def __init__(self, folder: GenerationFolder) -> None:
        self.folder = folder
        self._opening = threading.Lock()
        self._opened: OpenedT | None = None
        self._is_outdated = False

    @abstractmethod
    def open_generation(self, folder: Path, signature: Signature, *, before: OpenedT | None) -> OpenedT:
        """Open a generation; ``before`` is what was open of the same folder. Raises IndexDamaged."""

    def newest(self, *, reads_files: bool = True) -> OpenedT:
        """The index at its newest commit, reopened when the signature of its folder changes.

        ``reads_files=False``: the caller reads no file of it, so that these are not looked at for changes.

        Raises
        ------
        IndexMissing, IndexDamaged, IndexUnreadable
            If there is none, its files differ from their checksums, or may not be read.
        """
        signature = self.folder.signature()
        opened = self._opened
        is_newest = opened is not None and opened.signature == signature and any(signature)
        if opened is not None and is_newest and not (reads_files and opened.mapped.have_changed()):
            return opened
        with self._opening:
            folder = self.folder.current()
            self._is_outdated = self.folder.state(folder).layout != self.folder.layout
            self.folder.check_new_files(folder)
            before = self._opened if self._opened is not None and self._opened.folder == folder else None
            self._opened = self.open_generation(folder, signature, before=before)
            return self._opened

    def revision(self) -> int:
        state = self._state()
        return state.revision if state else 0

    def origin(self) -> str:
        state = self._state()
        return state.origin if state else ""

    def is_outdated(self) -> bool:
        self.newest(reads_files=False)
        return self._is_outdated

    def verify(self, *, changed_only: bool = False) -> list[str]:
        return self.folder.verify(changed_only=changed_only)

    @contextmanager
    def reading(self, folder: Path, *, unreadable: tuple[type[BaseException], ...] = ()) -> Iterator[None]:
        """Turn the errors of a library that reads damaged files into IndexDamaged.

        What the system refuses is no damage, and raises IndexUnreadable. Whatever else is raised, the files are
        compared with their checksums: damage can raise anything. Damage that they confirm is recorded. ``unreadable``
        are errors that mean damage even if the checksums agree.
        """
        try:
            yield
        except (SearchError, KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as exc:  # the panics of a Rust library are no Exceptions
            if error_number(exc) in UNREADABLE:
                raise unreadable_index(folder, exc) from exc
            damaged = self.folder.damaged_files(folder)
            if damaged:
                self.folder.record_damage(folder, damaged)
            elif not isinstance(exc, unreadable) and type(exc).__name__ != "PanicException":
                raise
            raise IndexDamaged(f"The search index in {folder} cannot be read ({exc}); {REBUILD}.") from exc

    def _state(self) -> State | None:
        """The state of the current generation; None where there is no index. Raises IndexDamaged."""
        if not self.folder.pointer.exists():
            return None
        return self.folder.state(self.folder.current())
