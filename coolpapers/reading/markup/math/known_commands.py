r"""The commands that MathJax knows as it is set up on our pages (``static/js/reading/math-config.js``).

A repair looks here before it touches a command: ``\\name`` is mended only where ``\name`` is one, and a name that is
not here is an author's own. ``tools/list_mathjax_commands.mjs`` prints what MathJax knows; the test compares.
"""

from __future__ import annotations

import string

# Built in, in the packages that come by themselves, and in ``math-macros.js``.
_MATHJAX = """
AA above abovewithdelims abs acute al alef alefsym aleph allowbreak Alpha alpha amalg And angle approx approxeq arccos
arcsin arctan arg argmax argmin array Arrowvert arrowvert ast asymp atop atopwithdelims Aut backepsilon backprime
backsim backsimeq backslash badbreak Bar bar barwedge Bbb Bbbk bcancel because begin Beta beta beth between bf bfalpha
bfbeta bfchi bfdelta bfepsilon bfeta bfgamma bfkappa bflambda bfmu bfnu bfomega bfphi bfpi bfpsi bfrho bfsigma bftau
bftheta bfxi Big big bigcap bigcirc bigcup Bigg bigg Biggl biggl Biggm biggm Biggr biggr Bigl bigl Bigm bigm bigO bigo
bigodot bigoplus bigotimes Bigr bigr bigskip bigsqcup bigstar bigtriangledown bigtriangleup biguplus bigvee bigwedge
binom blacklozenge blacksquare blacktriangle blacktriangledown blacktriangleleft blacktriangleright bm bmod bold
boldmath boldsymbol bot bowtie Box boxdot boxed boxminus boxplus boxtimes bR Bra bra brace bracevert brack Braket
braket break breakAlign breve buildrel bull bullet Bumpeq bumpeq C cal cancel cancelto Cap cap cases CC cdot cdotp
cdots ce ceil centerdot centering centernot cfrac char check checkmark Chi chi choose circ circeq circlearrowleft
circlearrowright circledast circledcirc circleddash circledR circledS cite clubs clubsuit cmark cnums colon
colonapprox Coloneqq coloneqq colonsim color colorbox complement Complex cong conv coprod cos cosh cot coth Cov cr
cramped csc Cup cup curl curlyeqprec curlyeqsucc curlyvee curlywedge curvearrowleft curvearrowright dag Dagger dagger
daleth dArr darr dashleftarrow dashrightarrow dashv dbinom dblcolon dd ddag ddagger ddddot dddot ddot ddots De
DeclareMathOperator definecolor deg Delta delta det dfrac diag diagdown diagup diam Diamond diamond diamonds
diamondsuit Diff digamma dim displaylines displaystyle dist Div div divergence divg divideontimes Dot dot Doteq doteq
doteqdot dotplus dots dotsb dotsc dotsi dotsm dotso doublebarwedge doublecap doublecup Downarrow downarrow
downdownarrows downharpoonleft downharpoonright ds EE ell emph empty emptyset enclose end enspace ep eps Epsilon
epsilon eqalign eqalignno eqcirc eqno eqqcolon eqref eqsim eqslantgtr eqslantless equiv erf Eta eta eth exist exists
exp expval Ext fallingdotseq fbox fcolorbox FF fint Finv flat floor footnotesize forall frac frak framebox frown Game
Gamma gamma gcd ge genfrac geq geqq geqslant gets gg ggg gggtr gimel gnapprox gneq gneqq gnsim goodbreak goth grad
grave gt gtrapprox gtrdot gtreqless gtreqqless gtrless gtrsim gvertneqq half Harr hArr harr Hat hat hbar hbox
hdashline hearts heartsuit hfil hfill hfilll HH hline Hom hom hookleftarrow hookrightarrow hphantom href hsize hskip
hslash hspace HUGE Huge huge iddots idotsint iff iiiint iiint iint Im image imath impliedby implies in indep inf infin
infinity infity infty injlim int intercal intop Iota iota IR Irr isin it jmath Join Kappa kappa ker kern Ket ket
Ketbra ketbra label lam Lambda lambda land lang langle laplacian LARGE Large large Larr lArr larr LaTeX lbrace lbrack
lceil ldotp ldots le leadsto left Leftarrow leftarrow leftarrowtail leftharpoondown leftharpoonup leftleftarrows
Leftrightarrow leftrightarrow leftrightarrows leftrightharpoons leftrightsquigarrow leftroot leftthreetimes leq
leqalignno leqno leqq leqslant lessapprox lessdot lesseqgtr lesseqqgtr lessgtr lesssim lfloor lg lgroup lhd lim
limfunc liminf limits limsup ll llap llbracket llcorner Lleftarrow lll llless lmoustache ln lnapprox lneq lneqq lnot
lnsim loc log Longleftarrow longleftarrow Longleftrightarrow longleftrightarrow longmapsto Longrightarrow
longrightarrow looparrowleft looparrowright lor lower lozenge lrarr lrcorner Lsh lt ltimes lVert lvert lvertneqq
makebox maltese mapsto mathbb mathbbm mathbbmss mathbf mathbfcal mathbffrak mathbfit mathbfscr mathbfsf mathbfsfit
mathbfsfup mathbfup mathbin mathcal mathchoice mathclap mathclose mathds mathfrak mathinner mathit mathllap mathnormal
mathop mathopen mathord mathpunct mathrel mathring mathrlap mathrm mathscr mathsf mathsfit mathsfup mathstrut mathtt
mathup matrix matrixel max mbox measuredangle medskip mel mho mid middle min mit mkern mmlToken mod models moveleft
moveright mp mskip mspace Mu mu multimap N nabla natnums natural ncong ne nearrow neg negmedspace negthickspace
negthinspace neq newcolumntype Newextarrow newline nexists ngeq ngeqq ngeqslant ngtr ni nicefrac nLeftarrow nleftarrow
nLeftrightarrow nleftrightarrow nleq nleqq nleqslant nless nmid NN nobreak nobreakspace noindent nolimits nonscript
nonumber norm normalsize not notag notChar notin nparallel nprec npreceq nRightarrow nrightarrow nshortmid
nshortparallel nsim nsubseteq nsubseteqq nsucc nsucceq nsupseteq nsupseteqq ntriangleleft ntrianglelefteq
ntriangleright ntrianglerighteq Nu nu nVDash nVdash nvDash nvdash nwarrow O odot oiiint oiint oint ointop ol oldstyle
Om om Omega omega Omicron omicron ominus operatorname oplus oslash Otilde otimes over overbrace overbracket
overleftarrow overleftrightarrow overline overparen overrightarrow overset overunderset overwithdelims owns pa
parallel parbox part partial path perp phantom Phi phi Pi pi pitchfork plusmn pm pmatrix pmb pmod pod poly polylog PP
Pr prec precapprox preccurlyeq preceq precnapprox precneqq precnsim precsim prescript prime prod projlim propto
protect prt Psi psi pu Q QQ qquad quad R raise raisebox rang rangle rank Rarr rArr rarr rbrace rbrack rceil Re Real
real Reals reals ref restriction rfloor rgroup rhd Rho rho right Rightarrow rightarrow rightarrowtail rightharpoondown
rightharpoonup rightleftarrows rightleftharpoons rightrightarrows rightsquigarrow rightthreetimes risingdotseq rlap rm
rmoustache RN Rn rn root RR rrbracket Rrightarrow Rset Rsh rtimes Rule rule rVert rvert S sb scriptscriptstyle
scriptsize scriptstyle sdot searrow sec sect Set set setminus sf sfrac sgn sharp shortmid shortparallel shortstack
shoveleft shoveright sideset Sigma sigma sign sim simeq sin sinh skew SMALL Small small smallfrown smallint
smallsetminus smallskip smallsmile smash smile sp Space space spades spadesuit sphericalangle splitdfrac splitfrac
sqcap sqcup sqrt sqsubset sqsubseteq sqsupset sqsupseteq square SS stackbin stackrel star strut sub sube Subset subset
subseteq subseteqq subsetneq subsetneqq substack succ succapprox succcurlyeq succeq succnapprox succneqq succnsim
succsim sum sup supe supp Supset supset supseteq supseteqq supsetneq supsetneqq surd swarrow symbb symbf symbfcal
symbffrak symbfit symbfscr symbfsf symbfsfit symbfsfup symbfup symcal symfrak symit symnormal symrm symscr symsf
symsfit symsfup symtt symup tag tan tanh Tau tau tbinom TeX text textasciicircum textasciitilde textasteriskcentered
textbackslash textbar textbf textbullet textcelsius textcent textcolor textcopyright textdegree textdiv textellipsis
textemdash textendash texteuro textgreater textit textless textlf textmd textmu textnormal textohm textpm
textquotedblleft textquotedblright textquoteleft textquoteright textregistered textrm textsc textsection textsf textsl
textstyle textsubscript textsuperscript texttimes texttrademark texttt textunderscore textup tfrac therefore Theta
theta thetasym thickapprox thicksim thinspace Tilde tilde tildeO times Tiny tiny to top Tr tr triangle triangledown
triangleleft trianglelefteq triangleq triangleright trianglerighteq TT tt twoheadleftarrow twoheadrightarrow U uArr
uarr ulcorner underbrace underbracket underleftarrow underleftrightarrow underline underparen underrightarrow underset
unicode unitfrac unlhd unrhd upalpha Uparrow uparrow upbeta upchi Updelta updelta Updownarrow updownarrow upepsilon
upeta Upgamma upgamma upharpoonleft upharpoonright upiota upkappa Uplambda uplambda uplus upmu upnu Upomega upomega
Upphi upphi Uppi uppi Uppsi uppsi uprho uproot Upsigma upsigma Upsilon upsilon uptau Uptheta uptheta upuparrows
upupsilon Upxi upxi upzeta urcorner url Var varDelta varepsilon varGamma varinjlim varkappa varLambda varliminf
varlimsup varnothing varOmega varPhi varphi varPi varpi varprojlim varpropto varPsi varrho varSigma varsigma
varsubsetneq varsubsetneqq varsupsetneq varsupsetneqq varTheta vartheta vartriangle vartriangleleft vartriangleright
varUpsilon varXi vb vbox vcentcolon vcenter Vdash vDash vdash vdots ve Vec vec vee veebar veps vepsi verb Vert vert
Vol vol vphantom vtop Vvdash wedge weierp widehat widetilde wp wr xcancel xhookleftarrow xhookrightarrow Xi xi
xLeftarrow xleftarrow xLeftrightarrow xleftrightarrow xlongequal xmapsto xmark xRightarrow xrightarrow xrightharpoonup
xrightleftharpoons xtofrom xtwoheadleftarrow xtwoheadrightarrow yen Z Zeta zeta ZZ
"""
# Known to MathJax but switched off here (definitions, HTML, files), or never there: they stay as they are written.
_SWITCHED_OFF = """
bbox begingroup begingroupReset begingroupSandbox cellcolor class columncolor cssId data DeclarePairedDelimiter
DeclarePairedDelimiterX DeclarePairedDelimiterXPP def edef endgroup gdef global htmlClass htmlData htmlId htmlStyle
includegraphics input let mathtip mathtoolsset newcommand newenvironment newif newtagform providecommand renewcommand
renewenvironment renewtagform Require require rowcolor setOptions style texttip toggle usepackage usetagform write xdef
"""
# ``math-macros.js``: \cA, \calA, \Acal, \acal, \bfA, \bfa, \frakA, \scrA, \bbA.
_ALPHABETS = {
    name
    for letter in string.ascii_uppercase
    for prefix, suffix in (("c", ""), ("cal", ""), ("", "cal"), ("bf", ""), ("frak", ""), ("scr", ""), ("bb", ""))
    for name in (f"{prefix}{letter}{suffix}",)
} | {name for letter in string.ascii_lowercase for name in (f"{letter}cal", f"bf{letter}")}

KNOWN_COMMANDS = frozenset({*_MATHJAX.split(), *_SWITCHED_OFF.split(), *_ALPHABETS})
