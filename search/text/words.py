"""Word lists: stop words, words without content, layout commands of TeX, Greek letters."""

from __future__ import annotations

import unicodedata

_STOP_WORDS = """a about above after again against all also am an and any are as at be because been before being
below between both but by can cannot could did do does doing down during each either for from further had has have
having he hence her here hers him his how however i if in into is it its itself just let like may me might more
most must my neither no nor not now of off on once one only onto or other our ours out over own per rather s same
shall she should since so some such t than that the their theirs them then there therefore these they this those
through thus to too toward towards under until up upon us very via was we were what when where whether which while
who whom whose why will with within without would yet you your"""

# English words without content. They are indexed, so that phrases work, and dropped from queries.
STOP_WORDS = frozenset(_STOP_WORDS.split())

_FUNCTION_WORDS = """according
across actually afterwards ago albeit almost alone along already although altogether always
amid among amongst another anyone anything anywhere apart around aside away back became become becomes becoming behind
beside besides beyond came come comes coming consequently consist consists contain containing contains currently
despite done easily else elsewhere enough entirely especially essentially even eventually ever every everyone
everything everywhere except fairly far few fewer finally first firstly five former formerly four frequently fully
furthermore gave generally get gets getting give given gives giving go goes going gone got greatly hardly hence herein
highly indeed inside instead keep keeping keeps kept know known largely last lastly later latter least less
likewise little lot lots made mainly make makes making many maybe meanwhile merely moreover mostly much namely near
nearly never nevertheless next nine nobody none nonetheless nothing notably nowadays often ones
otherwise ought ours outside overall particularly perhaps please possibly presumably previously primarily probably
put quite rarely rather readily really recently regarding regardless relatively said say saying says second secondly
see seeing seem seemed seems seen seven several shown shows showed show similarly simply six sometimes somewhat
somewhere soon still strongly subsequently take taken takes taking ten tend tends thereby therein thereof thing things
think third thought three throughout thus together took try trying twice two typically unless unlike unto use used
uses using usually various versus want wants way ways well went whatever whence whereas whereby wherein whereupon
wherever whichever whoever whole widely within without"""

# Stop words, and further words with little content: left out where words describe a paper. Searches keep them.
FUNCTION_WORDS = STOP_WORDS | frozenset(_FUNCTION_WORDS.split())

_LAYOUT_COMMANDS = """begin big bigg biggl biggr bigl bigr bm boldsymbol bf cal cite displaystyle em emph end frac
hbox hspace href hskip it label left limits mathbb mathbf mathcal mathfrak mathit mathop mathrm mathscr mathsf
mathtt mbox mid mkern mskip nolimits operatorname overline phantom qquad quad raisebox ref right rm
scriptscriptstyle scriptstyle sc sf sl stackrel text textbf textit textmd textnormal textrm textsc textsf textsl
textstyle texttt textup tfrac dfrac tt underline url vspace"""

# TeX commands that only affect layout: nobody searches for them, and they would lengthen the text.
LAYOUT_COMMANDS = frozenset(_LAYOUT_COMMANDS.split())

_GREEK_NAMES = """alpha beta gamma delta epsilon zeta eta theta iota kappa lamda mu nu xi pi rho sigma tau upsilon
phi chi psi omega"""

# Greek letter → the TeX command that equals it (Unicode spells it lamda).
GREEK_COMMANDS = {
    unicodedata.lookup(f"GREEK SMALL LETTER {name.upper()}"): f"\\{name.replace('lamda', 'lambda')}"
    for name in _GREEK_NAMES.split()
}
