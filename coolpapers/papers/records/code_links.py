"""Addresses of code in the words of an abstract or a comment. Pure."""

from __future__ import annotations

import re

# A repository has an owner and a name; an owner's page alone is no code of the paper.
_REPOSITORY = re.compile(
    r"(?P<path>(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|git\.sr\.ht|gitee\.com)/[~\w.-]+/[\w.-]+"
    r"|anonymous\.4open\.science/r(?:epository)?/[\w.-]+|code\.google\.com/(?:archive/)?p/[\w.-]+"
    r"|sourceforge\.net/projects/[\w.-]+|codeocean\.com/capsule/\d+)",
    re.IGNORECASE | re.ASCII,
)
_NOT_REPOSITORIES = frozenset({"sponsors", "topics", "orgs", "features", "about", "settings", "search", "explore"})


_HOST_ENDS = (".com/", ".org/", "sr.ht/", ".science/", ".net/")


def _names_host(lowered: str) -> bool:
    """Whether the pattern is worth its time: it takes 50 µs for an abstract, a fifth of its import."""
    return any(end in lowered for end in _HOST_ENDS)


def find_code_url(*texts: str) -> str:
    """The first repository that one of the texts names, as an https address; "" where none does.

    >>> find_code_url("Our code is at github.com/ada/engine.", "")
    'https://github.com/ada/engine'
    """
    for text in texts:
        if "/" not in text or not _names_host(text.lower()):
            continue
        for match in _REPOSITORY.finditer(text.replace("\\_", "_")):
            path = match["path"].rstrip(".").removesuffix(".git").rstrip("._-")
            if path.split("/")[1].lower() not in _NOT_REPOSITORIES:
                return f"https://{path}"
    return ""
