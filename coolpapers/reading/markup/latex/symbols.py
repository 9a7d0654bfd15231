r"""What TeX commands in running text stand for: Greek, signs, spaces, and commands that only format.

Tables for :mod:`coolpapers.reading.markup.latex.text`. Letters with accents come from
:mod:`search.vocabulary.accents`, which decodes them on import already.
"""

from __future__ import annotations

from coolpapers.reading.markup.latex.operators import ABBREVIATIONS, BLACKBOARD
from coolpapers.reading.markup.latex.signs import MORE_SIGNS

# \name → the tag that shows it (R12, R13).
TAGS = {
    "textbf": "strong", "textit": "em", "emph": "em", "textsl": "em", "texttt": "code",
    "textsuperscript": "sup", "textsubscript": "sub",
}  # fmt: skip
# {\name ...}: the same as switches that hold to the end of their group.
SWITCHES = {
    "bf": "strong", "bfseries": "strong", "it": "em", "itshape": "em", "em": "em", "sl": "em", "slshape": "em",
    "tt": "code", "ttfamily": "code",
}  # fmt: skip
# The same without a tag of their own.
PLAIN_SWITCHES = ("sc", "scshape", "rm", "rmfamily", "sf", "sffamily", "small", "footnotesize")
# Commands of Markdown text that lose their name and keep their argument (R12).
PLAIN_COMMANDS = (
    "textsc", "textrm", "textsf", "textup", "textmd", "textnormal", "textlf", "underline", "uline", "ul", "mbox",
    "text",
)  # fmt: skip

# Commands that vanish with all they have in brackets and braces (R13).
DROPPED_WITH_ARGUMENT = frozenset({
    "footnote", "footnotemark", "footnotetext", "thanks", "label", "vspace", "hspace", "includegraphics",
    "bibliography", "bibliographystyle", "index", "pagestyle", "thispagestyle", "usepackage", "phantom", "vphantom",
    "hphantom", "color", "definecolor", "setlength",
})  # fmt: skip
# How many leading arguments are not text, where there are some: \textcolor{red}{text}.
HIDDEN_ARGUMENTS = {
    "textcolor": 1, "colorbox": 1, "fcolorbox": 2, "hyperlink": 1, "hypertarget": 1, "hyperref": 1, "href": 1,
    "scalebox": 1, "resizebox": 2, "raisebox": 1, "parbox": 1, "foreignlanguage": 1, "texorpdfstring": 1,
    "fontsize": 2, "setcounter": 2,
}  # fmt: skip

# fmt: off
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "omicron": "ο", "pi": "π", "varpi": "ϖ", "rho": "ρ", "varrho": "ϱ", "sigma": "σ", "varsigma": "ς", "tau": "τ",
    "upsilon": "υ", "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "Ω",
}
SIGNS = {
    "times": "×", "div": "÷", "pm": "±", "mp": "∓", "cdot": "·", "cdots": "⋯", "ldots": "…", "dots": "…", "ast": "∗",
    "star": "⋆", "circ": "∘", "bullet": "•", "sim": "∼", "simeq": "≃", "approx": "≈", "cong": "≅", "equiv": "≡",
    "neq": "≠", "ne": "≠", "leq": "≤", "le": "≤", "leqslant": "≤", "geq": "≥", "ge": "≥", "geqslant": "≥", "ll": "≪",
    "gg": "≫", "lesssim": "≲", "gtrsim": "≳", "propto": "∝", "infty": "∞", "partial": "∂", "nabla": "∇", "sum": "∑",
    "prod": "∏", "int": "∫", "iint": "∬", "in": "∈", "notin": "∉", "subset": "⊂", "subseteq": "⊆",
    "supset": "⊃", "cup": "∪", "cap": "∩", "setminus": "∖", "emptyset": "∅", "forall": "∀", "exists": "∃", "neg": "¬",
    "wedge": "∧", "vee": "∨", "otimes": "⊗", "oplus": "⊕", "to": "→", "rightarrow": "→", "leftarrow": "←",
    "leftrightarrow": "↔", "Rightarrow": "⇒", "Leftarrow": "⇐", "Leftrightarrow": "⇔", "implies": "⟹", "iff": "⟺",
    "mapsto": "↦", "uparrow": "↑", "downarrow": "↓", "langle": "⟨", "rangle": "⟩", "ell": "ℓ", "hbar": "ℏ",
    "prime": "′", "deg": "°", "degree": "°", "textdegree": "°", "perthousand": "‰", "textperthousand": "‰",
    "percent": "%", "copyright": "©", "textcopyright": "©", "textregistered": "®", "texttrademark": "™",
    "pounds": "£", "euro": "€", "texteuro": "€", "EUR": "€", "yen": "¥", "S": "§", "P": "¶", "dag": "†",
    "dagger": "†", "ddag": "‡", "textendash": "–", "textemdash": "—", "textellipsis": "…", "textbullet": "•",
    "textquotedblleft": "“", "textquotedblright": "”", "textquoteleft": "‘", "textquoteright": "’", "lq": "‘",
    "rq": "’", "textless": "<", "textgreater": ">", "textbar": "|", "textunderscore": "_", "textasciitilde": "~",
    "textasciicircum": "^", "textbackslash": "\\", "backslash": "\\", "textmu": "μ", "textasteriskcentered": "*",
    "lbrace": "{", "rbrace": "}", "lvert": "|", "rvert": "|", "vert": "|", "mid": "|", "lVert": "‖", "rVert": "‖",
    "Vert": "‖", "parallel": "∥", "checkmark": "✓", "TeX": "TeX", "LaTeX": "LaTeX", "BibTeX": "BibTeX",
    "ie": "i.e.", "eg": "e.g.", "etal": "et al.", "etc": "etc.", "wrt": "w.r.t.", "slash": "/", "item": "•",
    "textquotesingle": "'", "textquotedbl": '"',
}
SPACES = {
    "quad": " ", "qquad": " ", "newline": " ", "linebreak": " ", "par": " ", "hfill": " ", "space": " ",
    "enspace": " ", "thinspace": " ", "smallskip": " ", "medskip": " ", "bigskip": " ", "newpage": " ", "and": " ",
    "hfil": " ", "indent": " ", "nobreakspace": " ",
}
# fmt: on
NAMED = {**MORE_SIGNS, **ABBREVIATIONS, **BLACKBOARD, **GREEK, **SIGNS, **SPACES}
# Backslash and one character: the escapes, spaces, and what leaves no trace (hyphenation point, italic correction).
ESCAPES = {
    **{character: character for character in "%&#_${}"},
    **dict.fromkeys(" ,;:>\n\t\\", " "),
    **dict.fromkeys("-/!@", ""),
    "|": "‖",
}
# Names that lost the braces behind them on the way here ("\emphk-means" for "\emph{k}-means").
GLUED_NAMES = (
    "emph", "textbf", "textit", "texttt", "textsc", "textsl", "textsf", "textrm", "text", "underline", "mathcal",
    "mathbb", "mathrm", "mathbf", "mathsf", "mathfrak", "mathscr", "mathit", "boldsymbol", "noindent", "small",
)  # fmt: skip
