"""Names of arXiv's categories, and the groups in which the home page shows them.

The codes are those of arXiv's category taxonomy (https://arxiv.org/category_taxonomy) without the aliases, which
:func:`fold_category` maps. A library may contain other categories. They have no name here and belong to the group
"Other".
"""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# Aliases of arXiv: alias → the code that is stored.
CATEGORY_ALIASES = {
    "cs.NA": "math.NA",
    "cs.SY": "eess.SY",
    "math.IT": "cs.IT",
    "math.MP": "math-ph",
    "q-fin.EC": "econ.GN",
    "stat.TH": "math.ST",
}

# Archive (the part before the dot, or the whole code) → group, in the order of arXiv's front page.
GROUPS = {
    "cs": _("Computer Science"),
    "stat": _("Statistics"),
    "math": _("Mathematics"),
    "eess": _("Electrical Engineering and Systems Science"),
    "physics": _("Physics"),
    "q-bio": _("Quantitative Biology"),
    "q-fin": _("Quantitative Finance"),
    "econ": _("Economics"),
    "": pgettext_lazy("group of categories", "Other"),
}

_PHYSICS_ARCHIVES = frozenset(
    [
        "astro-ph",
        "cond-mat",
        "gr-qc",
        "hep-ex",
        "hep-lat",
        "hep-ph",
        "hep-th",
        "math-ph",
        "nlin",
        "nucl-ex",
        "nucl-th",
        "physics",
        "quant-ph",
    ]
)

CATEGORY_NAMES = {
    "cs.AI": _("Artificial Intelligence"),
    "cs.AR": _("Hardware Architecture"),
    "cs.CC": _("Computational Complexity"),
    "cs.CE": _("Computational Engineering, Finance, and Science"),
    "cs.CG": _("Computational Geometry"),
    "cs.CL": _("Computation and Language"),
    "cs.CR": _("Cryptography and Security"),
    "cs.CV": _("Computer Vision and Pattern Recognition"),
    "cs.CY": _("Computers and Society"),
    "cs.DB": _("Databases"),
    "cs.DC": _("Distributed, Parallel, and Cluster Computing"),
    "cs.DL": _("Digital Libraries"),
    "cs.DM": _("Discrete Mathematics"),
    "cs.DS": _("Data Structures and Algorithms"),
    "cs.ET": _("Emerging Technologies"),
    "cs.FL": _("Formal Languages and Automata Theory"),
    "cs.GL": _("General Literature"),
    "cs.GR": _("Graphics"),
    "cs.GT": _("Computer Science and Game Theory"),
    "cs.HC": _("Human-Computer Interaction"),
    "cs.IR": _("Information Retrieval"),
    "cs.IT": _("Information Theory"),
    "cs.LG": _("Machine Learning"),
    "cs.LO": _("Logic in Computer Science"),
    "cs.MA": _("Multiagent Systems"),
    "cs.MM": _("Multimedia"),
    "cs.MS": _("Mathematical Software"),
    "cs.NE": _("Neural and Evolutionary Computing"),
    "cs.NI": _("Networking and Internet Architecture"),
    "cs.OH": _("Other Computer Science"),
    "cs.OS": _("Operating Systems"),
    "cs.PF": _("Performance"),
    "cs.PL": _("Programming Languages"),
    "cs.RO": _("Robotics"),
    "cs.SC": _("Symbolic Computation"),
    "cs.SD": _("Sound"),
    "cs.SE": _("Software Engineering"),
    "cs.SI": _("Social and Information Networks"),
    "econ.EM": _("Econometrics"),
    "econ.GN": _("General Economics"),
    "econ.TH": _("Theoretical Economics"),
    "eess.AS": _("Audio and Speech Processing"),
    "eess.IV": _("Image and Video Processing"),
    "eess.SP": _("Signal Processing"),
    "eess.SY": _("Systems and Control"),
    "math.AC": _("Commutative Algebra"),
    "math.AG": _("Algebraic Geometry"),
    "math.AP": _("Analysis of PDEs"),
    "math.AT": _("Algebraic Topology"),
    "math.CA": _("Classical Analysis and ODEs"),
    "math.CO": _("Combinatorics"),
    "math.CT": _("Category Theory"),
    "math.CV": _("Complex Variables"),
    "math.DG": _("Differential Geometry"),
    "math.DS": _("Dynamical Systems"),
    "math.FA": _("Functional Analysis"),
    "math.GM": _("General Mathematics"),
    "math.GN": _("General Topology"),
    "math.GR": _("Group Theory"),
    "math.GT": _("Geometric Topology"),
    "math.HO": _("History and Overview"),
    "math.KT": _("K-Theory and Homology"),
    "math.LO": _("Logic"),
    "math.MG": _("Metric Geometry"),
    "math.NA": _("Numerical Analysis"),
    "math.NT": _("Number Theory"),
    "math.OA": _("Operator Algebras"),
    "math.OC": _("Optimization and Control"),
    "math.PR": _("Probability"),
    "math.QA": _("Quantum Algebra"),
    "math.RA": _("Rings and Algebras"),
    "math.RT": _("Representation Theory"),
    "math.SG": _("Symplectic Geometry"),
    "math.SP": _("Spectral Theory"),
    "math.ST": _("Statistics Theory"),
    "astro-ph": _("Astrophysics"),
    "astro-ph.CO": _("Cosmology and Nongalactic Astrophysics"),
    "astro-ph.EP": _("Earth and Planetary Astrophysics"),
    "astro-ph.GA": _("Astrophysics of Galaxies"),
    "astro-ph.HE": _("High Energy Astrophysical Phenomena"),
    "astro-ph.IM": _("Instrumentation and Methods for Astrophysics"),
    "astro-ph.SR": _("Solar and Stellar Astrophysics"),
    "cond-mat": _("Condensed Matter"),
    "cond-mat.dis-nn": _("Disordered Systems and Neural Networks"),
    "cond-mat.mes-hall": _("Mesoscale and Nanoscale Physics"),
    "cond-mat.mtrl-sci": _("Materials Science"),
    "cond-mat.other": _("Other Condensed Matter"),
    "cond-mat.quant-gas": _("Quantum Gases"),
    "cond-mat.soft": _("Soft Condensed Matter"),
    "cond-mat.stat-mech": _("Statistical Mechanics"),
    "cond-mat.str-el": _("Strongly Correlated Electrons"),
    "cond-mat.supr-con": _("Superconductivity"),
    "gr-qc": _("General Relativity and Quantum Cosmology"),
    "hep-ex": _("High Energy Physics - Experiment"),
    "hep-lat": _("High Energy Physics - Lattice"),
    "hep-ph": _("High Energy Physics - Phenomenology"),
    "hep-th": _("High Energy Physics - Theory"),
    "math-ph": _("Mathematical Physics"),
    "nlin.AO": _("Adaptation and Self-Organizing Systems"),
    "nlin.CD": _("Chaotic Dynamics"),
    "nlin.CG": _("Cellular Automata and Lattice Gases"),
    "nlin.PS": _("Pattern Formation and Solitons"),
    "nlin.SI": _("Exactly Solvable and Integrable Systems"),
    "nucl-ex": _("Nuclear Experiment"),
    "nucl-th": _("Nuclear Theory"),
    "physics.acc-ph": _("Accelerator Physics"),
    "physics.ao-ph": _("Atmospheric and Oceanic Physics"),
    "physics.app-ph": _("Applied Physics"),
    "physics.atm-clus": _("Atomic and Molecular Clusters"),
    "physics.atom-ph": _("Atomic Physics"),
    "physics.bio-ph": _("Biological Physics"),
    "physics.chem-ph": _("Chemical Physics"),
    "physics.class-ph": _("Classical Physics"),
    "physics.comp-ph": _("Computational Physics"),
    "physics.data-an": _("Data Analysis, Statistics and Probability"),
    "physics.ed-ph": _("Physics Education"),
    "physics.flu-dyn": _("Fluid Dynamics"),
    "physics.gen-ph": _("General Physics"),
    "physics.geo-ph": _("Geophysics"),
    "physics.hist-ph": _("History and Philosophy of Physics"),
    "physics.ins-det": _("Instrumentation and Detectors"),
    "physics.med-ph": _("Medical Physics"),
    "physics.optics": _("Optics"),
    "physics.plasm-ph": _("Plasma Physics"),
    "physics.pop-ph": _("Popular Physics"),
    "physics.soc-ph": _("Physics and Society"),
    "physics.space-ph": _("Space Physics"),
    "quant-ph": _("Quantum Physics"),
    "q-bio.BM": _("Biomolecules"),
    "q-bio.CB": _("Cell Behavior"),
    "q-bio.GN": _("Genomics"),
    "q-bio.MN": _("Molecular Networks"),
    "q-bio.NC": _("Neurons and Cognition"),
    "q-bio.OT": _("Other Quantitative Biology"),
    "q-bio.PE": _("Populations and Evolution"),
    "q-bio.QM": _("Quantitative Methods"),
    "q-bio.SC": _("Subcellular Processes"),
    "q-bio.TO": _("Tissues and Organs"),
    "q-fin.CP": _("Computational Finance"),
    "q-fin.GN": _("General Finance"),
    "q-fin.MF": _("Mathematical Finance"),
    "q-fin.PM": _("Portfolio Management"),
    "q-fin.PR": _("Pricing of Securities"),
    "q-fin.RM": _("Risk Management"),
    "q-fin.ST": _("Statistical Finance"),
    "q-fin.TR": _("Trading and Market Microstructure"),
    "stat.AP": _("Applications"),
    "stat.CO": _("Computation"),
    "stat.ME": _("Methodology"),
    "stat.ML": _("Machine Learning"),
    "stat.OT": _("Other Statistics"),
}

ARCHIVES = frozenset(code.split(".")[0] for code in CATEGORY_NAMES)


def category_name(code: str) -> str:
    """The name of a category or archive in the language of the page; "" where there is none."""
    name = CATEGORY_NAMES.get(code) or (GROUPS.get(code) if code else None)
    return str(name or "")


def arxiv_category_name(code: str) -> str:
    """The English name of arXiv, which the library stores and APIs return."""
    with translation.override(None):
        return category_name(code)


def category_group(code: str) -> str:
    """The key in :data:`GROUPS` of a category's group.

    >>> category_group("cs.CL"), category_group("hep-th"), category_group("35J60")
    ('cs', 'physics', '')
    """
    archive = code.split(".")[0]
    if archive in _PHYSICS_ARCHIVES:
        return "physics"
    return archive if archive in GROUPS else ""


def fold_category(code: str) -> str:
    """A category code with aliases resolved: ``cs.NA`` → ``math.NA``."""
    return CATEGORY_ALIASES.get(code, code)
