"""Which TeX commands of foreign text may stand in an exported bibliography. Pure.

A title is data, but TeX runs what it reads: ``\\input`` and ``\\openout`` read and write files; ``\\catcode``,
``\\csname`` and ``\\def`` can spell them in other ways. Outside formulas only commands that print text stay; the others
are printed as names. Inside formulas there are too many harmless commands to list, so the acting ones are listed.
"""

from __future__ import annotations

import re

# Commands of text that print: styles, letters, accents by name, punctuation, logos.
_TEXT = (
    "emph textbf textit textsc texttt textrm textsf textsl textup textnormal textmd text mbox em it bf sc tt rm "
    "sf sl bfseries itshape scshape ttfamily rmfamily sffamily textsuperscript textsubscript underline "
    "uppercase MakeUppercase MakeLowercase ss SS ae AE oe OE o O l L aa AA i j dh DH th TH dj DJ ng NG c v u H "
    "r k d b t G U LaTeX TeX BibTeX LaTeXe dots ldots textellipsis textendash textemdash textquoteleft "
    "textquoteright textquotedblleft textquotedblright textquotesingle textquotedbl textbackslash "
    "textasciitilde textasciicircum textless textgreater textbar textbraceleft textbraceright textunderscore "
    "textdollar textregistered texttrademark textcopyright textdegree textmu texteuro textperiodcentered "
    "textbullet textordfeminine textordmasculine S P pounds copyright dag ddag slash quad qquad enspace "
    "thinspace space url path cite citep citet ref footnote ensuremath noopsort natexlab protect"
)
# Symbols that authors write outside formulas; they act no more than inside.
_SYMBOLS = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho "
    "varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon "
    "Phi Psi Omega infty times cdot pm mp leq geq le ge ne neq approx sim simeq equiv to rightarrow leftarrow "
    "leftrightarrow Rightarrow Leftarrow mapsto in subset supset cup cap sum prod int partial nabla ell hbar "
    "sqrt frac mathbb mathcal mathrm mathbf mathit mathsf mathfrak mathscr operatorname log exp sin cos tan min "
    "max inf sup lim det dim ker star ast circ bullet oplus otimes wedge vee forall exists emptyset Re Im aleph "
    "prime langle rangle mid parallel perp ll gg propto bar hat tilde vec dot ddot overline widetilde widehat"
)
MATH_COMMANDS = frozenset(_SYMBOLS.split())
TEXT_COMMANDS = frozenset(f"{_TEXT} {_SYMBOLS}".split())

# Commands that read, write, define, or change how TeX reads what follows.
_ACTING = (
    "input include includeonly InputIfFileExists IfFileExists endinput openin openout closein closeout newread "
    "newwrite read readline write immediate special directlua luadirect latelua luaexec luacode ShellEscape "
    "pdfobj pdfliteral pdffiledump pdfmdfivesum pdfshellescape catcode lccode uccode sfcode mathcode delcode "
    "csname endcsname def edef gdef xdef let futurelet global long outer newcommand renewcommand providecommand "
    "DeclareRobustCommand DeclareMathOperator newenvironment renewenvironment newif newcount newtoks newdimen "
    "newbox newlength expandafter noexpand afterassignment aftergroup scantokens detokenize unexpanded string "
    "meaning jobname the number romannumeral everypar everymath everydisplay everyjob everycr output shipout "
    "message errmessage typeout show showthe loop repeat usepackage RequirePackage documentclass documentstyle "
    "makeatletter makeatother lstinputlisting verbatiminput includegraphics bibliography bibliographystyle bye "
    "stop dump font fontdimen hyphenchar char mathchar lowercase obeylines obeyspaces verb par write18 "
    "inputlineno endlinechar newlinechar escapechar uchyph batchmode nonstopmode scrollmode errorstopmode "
    "interaction tracingall csstring Ucharcat protected everyeof AtBeginDocument AtEndDocument AddToHook "
    "document"
)
ACTING_COMMANDS = frozenset(_ACTING.split())
_NAMED = re.compile(r"\\([A-Za-z@]+)")
_ENVIRONMENT = re.compile(
    r"\\(begin|end)\s*\{\s*(?!(?:[a-z]*matrix|array|cases|aligned|gathered|split|smallmatrix|substack|alignedat)\*?\s*\})"
)


def is_text_command(command: str) -> bool:
    """Whether a command of text outside formulas may stay; commands of one character (accents, ``\\&``) always may.

    ``command`` begins with its backslash and may end in a star.
    """
    name = command[1:].rstrip("*")
    return not name.isalpha() or name in TEXT_COMMANDS


def defuse_math(math: str) -> str:
    """A formula in which nothing acts: such commands become their names, printed.

    ``^^5c`` is a way to write a backslash, so no circumflex stays beside another.
    """
    math = re.sub(r"\^(?=\^)", "^{}", math)
    math = _NAMED.sub(lambda match: rf"\backslash {match[1]}" if match[1] in ACTING_COMMANDS else match[0], math)
    return _ENVIRONMENT.sub(lambda match: rf"\backslash {match[1]}{{", math)
