"""Bibliographies set with LaTeX in a folder of their own, and what it said of each entry."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.citing.hostile import MARK, SECRET

_DOCUMENT = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp,amsmath,amssymb,url%(packages)s}
\begin{document}
\nocite{*}
%(end)s
\end{document}
"""
_BIBTEX_END = "\\bibliographystyle{%s}\n\\bibliography{export}"
_BIBLATEX_END = "\\printbibliography"
_ERROR = re.compile(r"^(?:\./)?(document\.bbl|document\.tex|[^:\n]*?):(\d+): (.*)$", re.MULTILINE)
_ITEM = re.compile(r"\\bibitem(?:\[.*?\])?\s*\{([^}]*)\}|\\entry\{([^}]*)\}", re.DOTALL)
_CHARACTER = re.compile(r"Unicode character (.) \(U\+([0-9A-F]+)\)")
# What a run may leave: anything else was written by an entry.
_OWN = re.compile(r"(?:document|export)\.\w[\w.-]*|secret\.tex|texput\.log|\.texlive\d+|.*\.(?:aux|fls)")
LIMIT_S = 300


@dataclass(slots=True)
class Setting:
    """What LaTeX and BibTeX said. ``errors`` are (citation key or "", message); ``done``: a PDF came out."""

    errors: list[tuple[str, str]] = field(default_factory=list)
    bibtex_errors: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)  # files that are not LaTeX's own
    read: list[str] = field(default_factory=list)  # foreign files that were read
    done: bool = False


def set_bibliography(bibliography: str, folder: Path, *, style: str = "plain") -> Setting:
    """Set a .bib file with all commands of the shell allowed; ``style`` is one of BibTeX's or ``biblatex``."""
    _prepare(bibliography, folder, style)
    setting = Setting()
    _run(["pdflatex"], folder)
    processor = _run(["biber"] if style == "biblatex" else ["bibtex"], folder)
    setting.bibtex_errors = _complaints(processor)
    log = _run(["pdflatex"], folder)
    setting.errors = _errors(log, (folder / "document.bbl").read_text(errors="replace").split("\n"))
    setting.written = sorted(path.name for path in folder.iterdir() if not _OWN.fullmatch(path.name))
    recorded = (folder / "document.fls").read_text(errors="replace").splitlines()
    setting.read = sorted({line[6:] for line in recorded if line.startswith("INPUT") and "secret" in line})
    pdf = folder / "document.pdf"
    setting.done = pdf.exists() and "Output written" in log
    if SECRET in log or (folder / MARK).exists():
        setting.written.append(f"{MARK} or secret")
    return setting


def _prepare(bibliography: str, folder: Path, style: str) -> None:
    is_biblatex = style == "biblatex"
    packages = "}\n\\usepackage[backend=biber]{biblatex}\n\\addbibresource{export.bib" if is_biblatex else ",natbib"
    end = _BIBLATEX_END if is_biblatex else _BIBTEX_END % style
    (folder / "document.tex").write_text(_DOCUMENT % {"packages": packages, "end": end})
    (folder / "export.bib").write_text(bibliography)
    (folder / "secret.tex").write_text(f"\\typeout{{{SECRET}}}{SECRET}\n")


def _run(program: Sequence[str], folder: Path) -> str:
    options = ["-shell-escape", "-interaction=nonstopmode", "-file-line-error", "-recorder"]
    command = [*program, *(options if program[0] == "pdflatex" else ()), "document"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "max_print_line": "10000", "openout_any": "a"}
    try:
        result = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"! {program[0]} did not end in {LIMIT_S} s\n"
    return result.stdout.decode(errors="replace") + result.stderr.decode(errors="replace")


def _complaints(output: str) -> list[str]:
    """Errors of BibTeX or biber; warnings of fields that are missing are none."""
    marks = (
        "I was expecting",
        "I'm skipping",
        "illegal",
        "too many commas",
        "Too many",
        "unbalanced",
        "ERROR",
        "did not end",
    )
    return [line.strip() for line in output.splitlines() if any(mark in line for mark in marks)]


def _errors(log: str, bbl: Sequence[str]) -> list[tuple[str, str]]:
    keys = _keys_by_line(bbl)
    errors = []
    for match in _ERROR.finditer(log):
        key = keys[min(int(match[2]), len(keys)) - 1] if match[1].endswith(".bbl") and keys else ""
        errors.append((key, match[3].strip()))
    return errors + [("", line) for line in log.splitlines() if line.startswith("! ")]


def _keys_by_line(bbl: Sequence[str]) -> list[str]:
    keys: list[str] = []
    key = ""
    for number, line in enumerate(bbl):
        if (
            match := _ITEM.search("\n".join(bbl[number : number + 4]))
            if line.startswith(("\\bibitem", "    \\entry"))
            else None
        ):
            key = match[1] or match[2]
        keys.append(key)
    return keys


def kind_of_error(message: str) -> str:
    """The message without what differs from entry to entry; characters that pdfLaTeX lacks are one kind."""
    if _CHARACTER.search(message):
        return "a character that pdfLaTeX has no font for"
    return re.sub(r"[`'\"].*", "", message)[:70].strip()
