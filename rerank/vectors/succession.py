"""Put vectors that were embedded beside a folder in the place of its vectors. Start at :func:`take_place`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from rerank.artifacts import (
    Manifest,
    build_lock,
    read_manifest,
    remove_stale,
    replace_manifest,
    salvage_manifest,
    sync,
)
from rerank.errors import ArtifactBroken, ArtifactMissing
from rerank.vectors.index import KIND
from rerank.vectors.vector_store import CHUNK_TEXTS
from rerank.vectors.work_files import WorkFolder


def take_place(successor: Path, folder: Path) -> None:
    """Make the vectors of ``successor`` those of ``folder``, by one atomic rename of the manifest; remove the rest.

    A kill leaves the one or the other in force, complete. Readers that have mapped the former files keep them until
    they open the folder again. Without vectors in ``successor`` nothing happens. Vectors of the same model that another
    process has put in force meanwhile stay: the successor may have been begun anew and be incomplete.

    Raises
    ------
    BuildRunning
        If another process updates one of the two folders.
    ArtifactBroken
        If the successor is damaged; the vectors of ``folder`` stay.
    """
    if not successor.is_dir():
        return
    with build_lock(folder), build_lock(successor):
        try:
            manifest = read_manifest(successor, kind=KIND)
        except ArtifactMissing:
            return
        in_force = salvage_manifest(folder, kind=KIND)
        if in_force is None or in_force.model_hash != manifest.model_hash:
            for name in _files_of(manifest):
                _link(successor / name, folder / name)
            replace_manifest(folder, manifest)
            in_force = manifest
        remove_stale(folder, keep=_files_of(in_force))
        shutil.rmtree(successor, ignore_errors=True)


def discard(successor: Path) -> None:
    """Delete what a killed :func:`take_place` left. Raises BuildRunning."""
    with build_lock(successor):
        shutil.rmtree(successor, ignore_errors=True)


def read_model(folder: Path) -> tuple[str, str]:
    """Name and hash of the model that made the vectors of a folder, damaged or not; "" if that cannot be read."""
    manifest = salvage_manifest(folder, kind=KIND)
    return (manifest.model, manifest.model_hash) if manifest is not None else ("", "")


def count_embedded(folder: Path, model_hash: str) -> int:
    """About how many papers a folder has vectors for, with those not published yet. Reads the manifest only."""
    n_published = 0
    manifest = salvage_manifest(folder, kind=KIND)
    if manifest is not None and manifest.model_hash == model_hash:
        n_published = int(manifest.extra.get("n_alive", 0))
    return n_published + CHUNK_TEXTS * WorkFolder(folder / "work", model_hash).count_parts()


def _files_of(manifest: Manifest) -> set[str]:
    return {str(entry["file"]) for entry in manifest.files.values()}


def _link(source: Path, target: Path) -> None:
    """The same file in another folder, without a copy where the file system can."""
    if not source.exists():
        raise ArtifactBroken(f"{source} is missing; run the update again.")
    target.unlink(missing_ok=True)  # of a killed run
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
        sync(target)
