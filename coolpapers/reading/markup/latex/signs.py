r"""Signs that a command of one character stands for, beyond the common ones of :mod:`.symbols`.

The characters are those that MathJax shows for the commands in a formula.
"""

from __future__ import annotations

_TABLE = """
aleph ℵ amalg ⨿ angle ∠ approxeq ≊ Arrowvert ‖ arrowvert ⏐ asymp ≍ backepsilon ∍ backprime ‵ backsim ∽ backsimeq ⋍
barwedge ⊼ Bbbk 𝕜 because ∵ beth ℶ between ≬ bigcap ⋂ bigcirc ◯ bigcup ⋃ bigodot ⨀ bigoplus ⨁ bigotimes ⨂ bigsqcup ⨆
bigstar ★ bigtriangledown ▽ bigtriangleup △ biguplus ⨄ bigvee ⋁ bigwedge ⋀ blacklozenge ⧫ blacksquare ■ blacktriangle
▴ blacktriangledown ▾ blacktriangleleft ◂ blacktriangleright ▸ bot ⊥ bowtie ⋈ Box ◻ boxdot ⊡ boxminus ⊟ boxplus ⊞
boxtimes ⊠ bracevert ⎪ Bumpeq ≎ bumpeq ≏ Cap ⋒ cdotp ⋅ celsius ℃ centerdot ⋅ circeq ≗ circlearrowleft ↺
circlearrowright ↻ circledast ⊛ circledcirc ⊚ circleddash ⊝ circledR ® circledS Ⓢ clubsuit ♣ cmark ✓ colon : coloneqq
≔ complement ∁ coprod ∐ Cup ⋓ curlyeqprec ⋞ curlyeqsucc ⋟ curlyvee ⋎ curlywedge ⋏ curvearrowleft ↶ curvearrowright ↷
daleth ℸ dashleftarrow ⇠ dashrightarrow ⇢ dashv ⊣ ddagger ‡ ddots ⋱ diagdown ╲ diagup ╱ Diamond ◊ diamond ⋄
diamondsuit ♢ digamma ϝ divideontimes ⋇ Doteq ≑ doteq ≐ doteqdot ≑ dotplus ∔ dotsb ⋯ dotsc … dotsi ⋯ dotsm ⋯ dotso …
doublebarwedge ⩞ doublecap ⋒ doublecup ⋓ Downarrow ⇓ downdownarrows ⇊ downharpoonleft ⇃ downharpoonright ⇂ eqcirc ≖
eqsim ≂ eqslantgtr ⪖ eqslantless ⪕ eth ð fallingdotseq ≒ Finv Ⅎ flat ♭ frown ⌢ Game ⅁ geqq ≧ gets ← ggg ⋙ gggtr ⋙
gimel ℷ gnapprox ⪊ gneq ⪈ gneqq ≩ gnsim ⋧ gt > gtrapprox ⪆ gtrdot ⋗ gtreqless ⋛ gtreqqless ⪌ gtrless ≷ gvertneqq ≩
heartsuit ♡ hookleftarrow ↩ hookrightarrow ↪ hslash ℏ iddots ⋰ iiiint ⨌ iiint ∭ Im ℑ imath ı intercal ⊺ jmath ȷ Join
⋈ land ∧ lbrack [ lceil ⌈ ldotp . leadsto ⇝ leftarrowtail ↢ leftharpoondown ↽ leftharpoonup ↼ leftleftarrows ⇇
leftrightarrows ⇆ leftrightharpoons ⇋ leftrightsquigarrow ↭ leftthreetimes ⋋ leqq ≦ lessapprox ⪅ lessdot ⋖ lesseqgtr
⋚ lesseqqgtr ⪋ lessgtr ≶ lfloor ⌊ lgroup ⟮ lhd ⊲ llbracket ⟦ llcorner ⌞ Lleftarrow ⇚ lll ⋘ llless ⋘ lmoustache ⎰
lnapprox ⪉ lneq ⪇ lneqq ≨ lnot ¬ lnsim ⋦ Longleftarrow ⟸ longleftarrow ⟵ Longleftrightarrow ⟺ longleftrightarrow ⟷
longmapsto ⟼ Longrightarrow ⟹ longrightarrow ⟶ looparrowleft ↫ looparrowright ↬ lor ∨ lozenge ◊ lrcorner ⌟ Lsh ↰ lt <
ltimes ⋉ lvertneqq ≨ maltese ✠ measuredangle ∡ mho ℧ micro µ models ⊧ multimap ⊸ natural ♮ ncong ≇ nearrow ↗ nexists
∄ ngeq ≱ ngeqq ≱ ngeqslant ⪈ ngtr ≯ ni ∋ nLeftarrow ⇍ nleftarrow ↚ nLeftrightarrow ⇎ nleftrightarrow ↮ nleq ≰ nleqq ≰
nleqslant ⪇ nless ≮ nmid ∤ nparallel ∦ nprec ⊀ npreceq ⋠ nRightarrow ⇏ nrightarrow ↛ nshortmid ∤ nshortparallel ∦
nsim ≁ nsubseteq ⊈ nsubseteqq ⊈ nsucc ⊁ nsucceq ⋡ nsupseteq ⊉ nsupseteqq ⊉ ntriangleleft ⋪ ntrianglelefteq ⋬
ntriangleright ⋫ ntrianglerighteq ⋭ nVDash ⊯ nVdash ⊮ nvDash ⊭ nvdash ⊬ nwarrow ↖ odot ⊙ ohm Ω oiiint ∰ oiint ∯ oint
∮ ominus ⊖ oslash ⊘ owns ∋ perp ⊥ pitchfork ⋔ prec ≺ precapprox ⪷ preccurlyeq ≼ preceq ⪯ precnapprox ⪹ precneqq ⪵
precnsim ⋨ precsim ≾ qed ∎ rbrack ] rceil ⌉ Re ℜ rfloor ⌋ rgroup ⟯ rhd ⊳ rightarrowtail ↣ rightharpoondown ⇁
rightharpoonup ⇀ rightleftarrows ⇄ rightleftharpoons ⇌ rightrightarrows ⇉ rightsquigarrow ⇝ rightthreetimes ⋌
risingdotseq ≓ rmoustache ⎱ rrbracket ⟧ Rrightarrow ⇛ Rsh ↱ rtimes ⋊ searrow ↘ sharp ♯ shortmid ∣ shortparallel ∥
smallfrown ⌢ smallint ∫ smallsetminus ∖ smallsmile ⌣ smile ⌣ spadesuit ♠ sphericalangle ∢ sqcap ⊓ sqcup ⊔ sqsubset ⊏
sqsubseteq ⊑ sqsupset ⊐ sqsupseteq ⊒ square ◻ Subset ⋐ subseteqq ⫅ subsetneq ⊊ subsetneqq ⫋ succ ≻ succapprox ⪸
succcurlyeq ≽ succeq ⪰ succnapprox ⪺ succneqq ⪶ succnsim ⋩ succsim ≿ Supset ⋑ supseteq ⊇ supseteqq ⫆ supsetneq ⊋
supsetneqq ⫌ swarrow ↙ textcelsius °C textdownarrow ↓ textleftarrow ← textohm Ω textonehalf ½ textpertenthousand ‱
textpm ± textrightarrow → texttimes × textuparrow ↑ therefore ∴ thickapprox ≈ thicksim ∼ top ⊤ triangle △
triangledown ▽ triangleleft ◃ trianglelefteq ⊴ triangleq ≜ triangleright ▹ trianglerighteq ⊵ twoheadleftarrow ↞
twoheadrightarrow ↠ ulcorner ⌜ unlhd ⊴ unrhd ⊵ upalpha α Uparrow ⇑ upbeta β upchi χ Updelta Δ updelta δ Updownarrow ⇕
updownarrow ↕ upepsilon ϵ upeta η Upgamma Γ upgamma γ upharpoonleft ↿ upharpoonright ↾ upiota ι upkappa κ Uplambda Λ
uplambda λ uplus ⊎ upmu μ upnu ν Upomega Ω upomega ω upomicron ο Upphi Φ upphi ϕ Uppi Π uppi π Uppsi Ψ uppsi ψ uprho
ρ Upsigma Σ upsigma σ uptau τ Uptheta Θ uptheta θ upuparrows ⇈ Upupsilon Υ upupsilon υ upvarepsilon ε upvarphi φ
upvarpi ϖ upvarrho ϱ upvarsigma ς upvartheta ϑ Upxi Ξ upxi ξ upzeta ζ urcorner ⌝ varDelta Δ varGamma Γ varkappa ϰ
varLambda Λ varnothing ∅ varOmega Ω varPhi Φ varPi Π varpropto ∝ varPsi Ψ varSigma Σ varsubsetneq ⊊ varsubsetneqq ⫋
varsupsetneq ⊋ varsupsetneqq ⫌ varTheta Θ vartriangle △ vartriangleleft ⊲ vartriangleright ⊳ varUpsilon Υ varXi Ξ
Vdash ⊩ vDash ⊨ vdash ⊢ vdots ⋮ veebar ⊻ Vvdash ⊪ wp ℘ wr ≀ xleftarrow ← xmark ✗ xrightarrow →
"""
_WORDS = _TABLE.split()
MORE_SIGNS = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
