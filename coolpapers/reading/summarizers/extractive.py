"""The built-in summarizer: sentences of the paper grouped by question, without a model or network."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence

from coolpapers.reading.errors import NothingToSummarize
from coolpapers.reading.markup.math.spans import split_math
from coolpapers.reading.summarizers.base import Progress, Summarizer, SummaryText
from coolpapers.reading.summarizers.digest import Question, digest

_HEADINGS = {
    "en": {
        Question.PROBLEM: "What problem does the paper look at?",
        Question.METHOD: "What does it do about it?",
        Question.RESULT: "What does it find?",
    },
    "zh": {
        Question.PROBLEM: "这篇论文研究什么问题？",
        Question.METHOD: "它怎么做？",
        Question.RESULT: "它得到了什么结果？",
    },
}
_FULL_TEXT_HEADING = {"en": "What else does the full text say?", "zh": "正文还说了什么？"}
# Characters with a meaning in Markdown. Backslashes stay: the renderer handles text-mode TeX.
_MARKDOWN = re.compile(r"[*_`\[\]<>|#]|^[-+](?=\s|$)|(?<=^\d)[.)](?=\s|$)|(?<=^\d\d)[.)](?=\s|$)")


class ExtractiveSummarizer(Summarizer):
    """Selects sentences of the abstract and the full text, if there is one; see :mod:`.digest`."""

    def write(self, text: SummaryText) -> Generator[Progress, None, None]:
        """Yield the summary at once. Sentences stay in the paper's language; headings are in the reader's."""
        chosen = digest(title=text.title, abstract=text.abstract, full_text=text.full_text)
        if not chosen.answers and not chosen.from_full_text:
            raise NothingToSummarize("The paper has neither an abstract nor a full text.")
        headings = _HEADINGS.get(text.language, _HEADINGS["en"])
        sections = [
            _section(headings[question], chosen.answers[question])
            for question in Question
            if question in chosen.answers
        ]
        if chosen.from_full_text:
            heading = _FULL_TEXT_HEADING.get(text.language, _FULL_TEXT_HEADING["en"])
            sections.append(_section(heading, chosen.from_full_text))
        yield Progress("\n\n".join(sections) + "\n", len(sections), len(sections))


def _section(heading: str, sentences: Sequence[str]) -> str:
    return f"### {heading}\n\n" + " ".join(_escape(sentence) for sentence in sentences)


def _escape(sentence: str) -> str:
    """Escape prose for Markdown; formulas are unchanged."""
    return "".join(
        piece.text if piece.kind == "math" else _MARKDOWN.sub(r"\\\g<0>", piece.text) for piece in split_math(sentence)
    )
