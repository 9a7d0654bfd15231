"""Test pages of ``bench_math_browser``: abstracts with our set-up, with MathJax's default, and a list page."""

from __future__ import annotations

import gzip
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
POLICY = "default-src 'self'; img-src 'self' data:"


def papers_with_formulas(papers: Path, count: int) -> list[tuple[str, str]]:
    """Title and abstract of the first ``count`` papers of a file whose abstract contains a formula."""
    with gzip.open(papers, "rt", encoding="utf-8") as lines:
        records = map(json.loads, lines)
        with_formula = (record for record in records if record["abstract"].count("$") >= 2)
        return [(record["title"], record["abstract"]) for record in itertools.islice(with_formula, count)]


def our_page(cards: list[str]) -> str:
    """A page with our script that inserts the rendered abstracts when ``insertCards()`` is called."""
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>ours</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/static/css/reading/math.css"></head><body><main></main>
<template>{_articles(cards)}</template><script type="module" src="/ours.js"></script></body></html>"""


def list_page(cards: list[tuple[str, str]]) -> str:
    """A list of rendered cards (title, abstract), with the style sheets and scripts of the site."""
    items = "".join(
        f"""<li class="card"><article class="paper"><header class="card-head"><h2 class="card-title">
<a href="/">{title}</a></h2></header><div class="card-abstract">{abstract}</div></article></li>"""
        for title, abstract in cards
    )
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>list</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/static/css/main.css">
<script type="module" src="/list.js"></script></head>
<body><main id="main"><ol class="cards">{items}</ol></main></body></html>"""


LIST_SCRIPT = """import { typeset } from "/static/js/reading/math.js";
typeset();
"""

OUR_SCRIPT = """
import { typeset } from "/static/js/reading/math.js";
const warm = document.createElement("p");
warm.innerHTML = '<span class="math math-inline">\\\\(x\\\\)</span>';
document.body.append(warm);
typeset(warm);
while (warm.firstChild.dataset.math !== "typeset") await new Promise(requestAnimationFrame);
window.insertCards = async () => {
  const start = performance.now();
  document.querySelector("main").append(document.querySelector("template").content.cloneNode(true));
  typeset();
  await firstScreen();
  return performance.now() - start;
};
const visible = e => { const r = e.getBoundingClientRect(); return r.top < innerHeight && r.bottom > 0; };
async function firstScreen() {
  const first = [...document.querySelectorAll("main .math")].filter(visible);
  // Typeset, or left as source because its braces are unbalanced.
  const isDone = e => e.dataset.math === "typeset";
  while (!first.every(isDone)) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
}
window.pageReady = true;
"""


def default_page(cards: list[str]) -> str:
    """Like :func:`our_page`, with MathJax's combined script in its default configuration."""
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>default</title>
<link rel="icon" href="data:,"><script>
window.MathJax = {{loader: {{paths: {{fonts: "/fonts"}}}}, startup: {{typeset: false}}}};</script>
<script src="/mathjax/tex-chtml.js"></script></head><body><main></main><template>{_articles(cards)}</template>
<script type="module">
await MathJax.startup.promise;
const warm = document.createElement("p"); warm.textContent = "\\\\(x\\\\)"; document.body.append(warm);
await MathJax.typesetPromise([warm]);
window.insertCards = async () => {{
  const start = performance.now();
  const main = document.querySelector("main");
  main.append(document.querySelector("template").content.cloneNode(true));
  await MathJax.typesetPromise([main]);
  await new Promise(requestAnimationFrame);
  return performance.now() - start;
}};
window.pageReady = true;
</script></body></html>"""


def _articles(cards: list[str]) -> str:
    return "".join(f"<article class='paper'>{card}</article>" for card in cards)


@contextmanager
def serving(pages: dict[str, tuple[str, str, dict[str, str]]]) -> Iterator[str]:
    """Serve the pages (path → body, type, headers) and the static files on a free port; yield the origin."""

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path not in pages:
                super().do_GET()
                return
            body, content_type, headers = pages[self.path]
            payload = body.encode()
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(payload)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(payload)

        def translate_path(self, path: str) -> str:
            path = path.split("?")[0]
            modules = ROOT / "build" / "npm" / "node_modules"
            for prefix, folder in (("/mathjax/", modules / "mathjax"), ("/fonts/", modules / "@mathjax")):
                if path.startswith(prefix):
                    return str(folder / path.removeprefix(prefix))
            return str(ROOT / path.lstrip("/"))

        def log_message(self, *args: Any) -> None:
            """Write no log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
