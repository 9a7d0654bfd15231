"""A small library for tests of engines: every kind of word, name, date and value that a query can ask for."""

from __future__ import annotations

from datetime import date

from search.engines.documents import Document
from tests.search.make import make_document

PAPERS: list[Document] = [
    make_document(
        "arxiv:1706.03762",
        title="Attention Is All You Need",
        abstract="The dominant models use recurrent or convolutional networks. We propose a transformer, based on "
        "attention alone, and train it on translation.",
        authors=["Ashish Vaswani", "Noam Shazeer", "Niki Parmar"],
        categories=["cs.CL", "cs.LG"],
        venue="NeurIPS 2017 Neural Information Processing Systems",
        venue_facet="NeurIPS 2017",
        day=date(2017, 6, 12),
        updated=date(2023, 8, 2).toordinal(),
        flags=["code", "pdf"],
    ),
    make_document(
        "arxiv:1503.02531",
        title="Distilling the Knowledge in a Neural Network",
        abstract="Training many networks and averaging them is costly; one network can learn from the others.",
        authors=["Geoffrey Hinton", "Oriol Vinyals", "Jeff Dean"],
        categories=["stat.ML", "cs.LG"],
        comment="NIPS 2014 workshop, accepted",
        day=date(2015, 3, 9),
    ),
    make_document(
        "arxiv:1609.02907",
        title="Semi-Supervised Classification with Graph Convolutional Networks",
        abstract="We learn on a graph. Graph convolution scales with the edges of the graph; graphs of citations.",
        authors=["Thomas N. Kipf", "Max Welling"],
        categories=["cs.LG"],
        year=2017,
        venue="ICLR 2017 International Conference on Learning Representations",
        venue_facet="ICLR 2017",
    ),
    make_document(
        "file:graph-survey",
        title="A survey of graph learning",
        abstract="Graphs, networks and attention on them: a survey of neural methods and of others.",
        authors=["Mary Hinton", "Geoffrey Smith"],
        year=2020,
    ),
    make_document(
        "arxiv:hep-ex/0309032",
        title=r"Observation of the X(3872) in $B^\pm$ decays",
        abstract=r"A narrow state, $X(3872)$, with $\alpha_s$ as in earlier work; \emph{not} a hybrid.",
        authors=["S.-K. Choi", "María Díaz"],
        categories=["hep-ex"],
        journal="Physical Review Letters 91, 262001",
        doi="10.1000/XYZ",
        day=date(2003, 9, 29),
    ),
    make_document(
        "arxiv:2001.00001",
        title="Superfluid helium in pores",
        abstract="Forces of van der Waals in one dimension. Non-invasive measurement, and an invasive one.",
        authors=["Adrian Del Maestro", "J. D. van der Waals III"],
        categories=["cond-mat.other"],
        day=date(2020, 1, 1),
    ),
    make_document(
        "acl:2020.ccl-1.7",
        title="基于深度学习的中文分词研究",
        abstract="本文研究深度学习方法 for word segmentation with a transformer, written in C++.",
        authors=["张三", "Jorge Diaz"],
        year=2020,
        venue="CCL 2020 China National Conference on Computational Linguistics",
        venue_facet="CCL 2020",
    ),
    make_document(
        "file:hamlet",
        title="To be or not to be: a noninvasive reading",
        abstract="Whether a network may be trained on plays. Networks of words, learned; networks again.",
        authors=["Geoffrey Everest Hinton"],
        day=date(2020, 6, 15),
    ),
]
