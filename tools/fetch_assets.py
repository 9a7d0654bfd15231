"""Install the browser assets (htmx, MathJax, PDF.js, the text face) from npm into ``static/vendor``.

``package.json`` has the versions, ``package-lock.json`` the hashes. ``make`` runs it; it does nothing if the lock file
has not changed.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from tools.node import run_tool

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
WORK = ROOT / "build" / "npm"
FONT_SUBSETTER = ROOT / "tools" / "subset_fonts.mjs"

# package → (folder in static/vendor, files to take). Only files that a browser requests in our
# set-up: about 4 of MathJax's 70 MB (no menu, no speech engine). Source maps are left out: nothing serves them.
ASSETS: dict[str, tuple[str, tuple[str, ...]]] = {
    "htmx.org": ("htmx", ("dist/htmx.min.js", "LICENSE")),
    "mathjax": (
        "mathjax",
        (
            "startup.js",
            "core.js",
            "input/tex.js",
            "input/tex/extensions/*.js",
            "output/chtml.js",
            "ui/safe.js",
            "a11y/assistive-mml.js",
            "LICENSE",
        ),
    ),
    "@mathjax/mathjax-newcm-font": ("mathjax-fonts/mathjax-newcm-font", ("chtml.js", "chtml/**/*")),
    "@mathjax/mathjax-mhchem-font-extension": (
        "mathjax-fonts/mathjax-mhchem-font-extension",
        ("chtml.js", "chtml/**/*"),
    ),
    # The fonts themselves are cut to our characters: see subset_fonts.
    "@fontsource-variable/source-serif-4": ("fonts", ("LICENSE",)),
    "pdfjs-dist": (
        "pdfjs",
        (
            "build/pdf.min.mjs",
            "build/pdf.worker.min.mjs",
            "web/pdf_viewer.mjs",
            "web/pdf_viewer.css",
            "web/images/*",
            "cmaps/*",
            "standard_fonts/*",
            "wasm/*",
            "iccs/*",
            "LICENSE",
        ),
    ),
}
# Flattened so that addresses stay short: build/pdf.min.mjs → pdf.min.mjs.
FLATTENED = ("dist/", "build/", "web/")


def main() -> int:
    stamp = VENDOR / ".installed"
    expected = fingerprint()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == expected:
        return 0
    install_packages()
    staging = ROOT / "build" / "vendor"
    shutil.rmtree(staging, ignore_errors=True)
    for package, (folder, patterns) in ASSETS.items():
        copied = copy_files(WORK / "node_modules" / package, staging / folder, patterns)
        print(f"  {package}: {copied} files")
    subset_fonts(staging / "fonts")
    (staging / ".installed").write_text(expected, encoding="utf-8")
    shutil.rmtree(VENDOR, ignore_errors=True)
    staging.replace(VENDOR)
    return 0


def fingerprint() -> str:
    """Hash of the files that determine the content of ``static/vendor``."""
    digest = hashlib.sha256()
    for path in (ROOT / "package-lock.json", Path(__file__), FONT_SUBSETTER):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def install_packages() -> None:
    """Install by the lock file. Not ``npm ci``: it insists on pdfjs-dist's optional native canvas for every system."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy2(ROOT / name, WORK / name)
    run_tool("npm", "install", "--no-save", "--omit=optional", "--ignore-scripts", "--loglevel=error", folder=WORK)


def subset_fonts(target: Path) -> None:
    """Cut the text face to the characters of our pages: 78 of 1,100 kB."""
    run_tool("node", str(FONT_SUBSETTER), str(WORK / "node_modules"), str(target), folder=ROOT)


def copy_files(source: Path, target: Path, patterns: tuple[str, ...]) -> int:
    """Copy the files of the patterns and return their number; a pattern without a file is an error."""
    copied = 0
    for pattern in patterns:
        files = [path for path in source.glob(pattern) if path.is_file()]
        if not files:
            raise SystemExit(f"{source.name} has no {pattern}; did its layout change with the version?")
        for path in files:
            name = path.relative_to(source).as_posix()
            for prefix in FLATTENED:
                name = name.removeprefix(prefix)
            destination = target / name
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, destination)
            copied += 1
    return copied


if __name__ == "__main__":
    raise SystemExit(main())
