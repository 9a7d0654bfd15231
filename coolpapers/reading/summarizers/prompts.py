"""System prompt and questions by language, read from a TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from coolpapers.reading.summarizers.languages import summary_language

DEFAULT_FILE = Path(__file__).with_name("prompts.toml")


@dataclass(frozen=True)
class Prompts:
    """What a model is told and asked in one language."""

    system: str
    questions: tuple[str, ...]


def load_prompts(path: Path = DEFAULT_FILE) -> dict[str, Prompts]:
    """Read a prompts file.

    Raises ValueError, with the file's name, where it is missing, is not TOML or has not the form of
    ``prompts.toml``.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise ValueError(f"{path} cannot be read as a prompts file: {exc}") from exc
    if not tables:
        raise ValueError(f"{path} has no language; prompts.toml beside the endpoint summarizer shows the form.")
    return {summary_language(code): _read_table(path, code, table) for code, table in tables.items()}


def _read_table(path: Path, code: str, table: object) -> Prompts:
    system, questions = (table.get("system"), table.get("questions")) if isinstance(table, dict) else (None, None)
    if isinstance(system, str) and isinstance(questions, list) and questions:
        texts = [question.strip() for question in questions if isinstance(question, str) and question.strip()]
        if len(texts) == len(questions):
            return Prompts(system.strip(), tuple(texts))
    raise ValueError(f"{path}: [{code}] needs a text `system` and a list of texts `questions`.")
