"""System prompts and questions by language, read from a TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from coolpapers.reading.summarizers.languages import summary_language

DEFAULT_FILE = Path(__file__).with_name("prompts.toml")


@dataclass(frozen=True)
class Prompts:
    """The system prompt and the questions in one language."""

    system: str
    questions: tuple[str, ...]


def load_prompts(path: Path = DEFAULT_FILE) -> dict[str, Prompts]:
    """Read a prompts file.

    Raises ValueError, with the file's name, if it is missing, is not TOML or lacks the structure of ``prompts.toml``.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise ValueError(f"Cannot read the prompts file {path}: {exc}") from exc
    if not tables:
        raise ValueError(f"{path} has no language; coolpapers/reading/summarizers/prompts.toml shows the format.")
    return {summary_language(code): _read_table(path, code, table) for code, table in tables.items()}


def _read_table(path: Path, code: str, table: object) -> Prompts:
    system, questions = (table.get("system"), table.get("questions")) if isinstance(table, dict) else (None, None)
    if isinstance(system, str) and isinstance(questions, list) and questions:
        texts = [question.strip() for question in questions if isinstance(question, str) and question.strip()]
        if len(texts) == len(questions):
            return Prompts(system.strip(), tuple(texts))
    raise ValueError(f"{path}: [{code}] needs a string `system` and a list of strings `questions`.")
