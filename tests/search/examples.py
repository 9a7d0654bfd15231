"""The query language by example: queries and their trees, invalid queries, and a strategy for random ones."""

from __future__ import annotations

from hypothesis import strategies as st

from search.language.query import Author, Everything, Exact, Flag, Fuzzy, Node, Phrase, Prefix, Term
from tests.search.trees import all_but, all_of, any_of, days, title, without, word, years

WORDS: list[tuple[str, Node]] = [
    ("", Everything()),
    ("   ", Everything()),
    ("transformer", word("transformer")),
    ("graph neural networks", all_of("graph", "neural", "networks")),
    ("this and that or the other", all_of("this", "and", "that", "or", "the", "other")),  # lower case: words
    ('"attention is all you need"', Phrase("attention is all you need")),
    ("“curly quotes” «guillemets» „low“", all_of(Phrase("curly quotes"), Phrase("guillemets"), Phrase("low"))),
    ("transf*", Prefix("transf")),
    ("transfomer~", Fuzzy("transfomer")),
    ("transfomer~2", Fuzzy("transfomer", distance=2)),
    ("transformer~0", word("transformer")),
    ("non-invasive pre-train*", all_of("non-invasive", Prefix("pre-train"))),
    ("A* search", all_of("A*", "search")),  # a letter and an asterisk is a name, not a wildcard
    ("C*-algebra C++ C#", all_of("C*-algebra", "C++", "C#")),
    ("X(3872) f(x)", all_of("X(3872)", "f(x)")),  # a parenthesis inside a word belongs to it
    ("$\\alpha$ \\nabla", all_of("$\\alpha$", "\\nabla")),
    ("what is attention?", all_of("what", "is", "attention?")),
    ("BERT: pre-training", all_of("BERT:", "pre-training")),
    ("& -- ... graph", word("graph")),  # they have no token
    ('Schr\\"odinger', word("Schrödinger")),
]
OPERATORS: list[tuple[str, Node]] = [
    ("a AND b", all_of("a", "b")),
    ("a OR b OR c", any_of("a", "b", "c")),
    ("a b OR c d", any_of(all_of("a", "b"), all_of("c", "d"))),  # AND binds tighter, written or not
    ("a (b OR c) d", all_of("a", any_of("b", "c"), "d")),
    ("a NOT b", all_of("a", without("b"))),
    ("a AND NOT b", all_of("a", without("b"))),
    ("a ANDNOT b", all_of("a", without("b"))),
    ("a -b", all_of("a", without("b"))),
    ('a -"b c" -(d OR e)', all_of("a", without(Phrase("b c")), without(any_of("d", "e")))),
    ("a - b", all_of("a", "b")),  # a minus between blanks is a dash
    ("a-b", word("a-b")),
    ("-a", all_but("a")),
    ("NOT a NOT b", all_but("a", "b")),
    ("a OR NOT b", any_of("a", all_but("b"))),
    ("NOT NOT a", word("a")),
    ("-(-a)", word("a")),
    ("NOT(a OR b) c", all_of(without(any_of("a", "b")), "c")),
    ("((a)) ()", word("a")),
    ("(a b) c", all_of(all_of("a", "b"), "c")),
]
FIELDS: list[tuple[str, Node]] = [
    ("ti:graph", title("graph")),
    ("title:graph", title("graph")),
    ("ti:(graph networks)", all_of(title("graph"), title("networks"))),
    ("ti:(graph OR network*)", any_of(title("graph"), Prefix("network", "title"))),
    ('ti:"graph networks"', Phrase("graph networks", "title")),
    ("ti:graph networks", all_of(title("graph"), "networks")),  # a field applies to one word
    ("ti: graph", title("graph")),
    ("ti:(graph abs:molecule)", all_of(title("graph"), Term("molecule", "abstract"))),
    ("-ti:survey graph", all_of(without(title("survey")), "graph")),
    ("abs:x abstract:x", all_of(Term("x", "abstract"), Term("x", "abstract"))),
    ("co:pages comment:pages", all_of(Term("pages", "comment"), Term("pages", "comment"))),
    ("jr:Nature journal:Nature", all_of(Term("Nature", "journal"), Term("Nature", "journal"))),
    ("aff:CERN affiliation:CERN", all_of(Term("CERN", "affiliation"), Term("CERN", "affiliation"))),
    ("rn:DESY-12-001 report:DESY*", all_of(Term("DESY-12-001", "report"), Prefix("DESY", "report"))),
    ('aff:"Max Planck"', Phrase("Max Planck", "affiliation")),
    ("all:graph", word("graph")),
    ("all:AND all:2024", all_of("AND", "2024")),  # the form to search for these as words
    ("note:todo", Term("todo", "note")),
    ("venue:ICLR", Term("ICLR", "venue")),
    ("venue:ICLR.2025", all_of(Term("ICLR", "venue"), Term("2025", "venue"))),
    ('venue:"ICLR 2025"', all_of(Term("ICLR", "venue"), Term("2025", "venue"))),
    ("has:code has:PDF", all_of(Flag("has", "code"), Flag("has", "pdf"))),
    ("is:starred -is:read", all_of(Flag("is", "starred"), without(Flag("is", "read")))),
    ('in:thesis in:"to read"', all_of(Flag("in", "thesis"), Flag("in", "to read"))),
    # Not fields: addresses, ratios, times, materials, ends of titles.
    ("http://example.org/a", word("http://example.org/a")),
    ("X:Y 12:30 foo:bar", all_of("X:Y", "12:30", "foo:bar")),
    ("Co:ZnO In:GaAs", all_of("Co:ZnO", "In:GaAs")),
    ("One for All: towards", all_of("One", "for", "All:", "towards")),
]
EXACT: list[tuple[str, Node]] = [
    ("cat:cs.AI", Exact("category", "cs.AI")),
    ("cat:CS.ai", Exact("category", "cs.AI")),
    ("cat:cs.AI,cs.CL", any_of(Exact("category", "cs.AI"), Exact("category", "cs.CL"))),
    ("cat:(cs.AI OR hep-th)", any_of(Exact("category", "cs.AI"), Exact("category", "hep-th"))),
    ("cat:cs.NA", Exact("category", "math.NA")),  # two names of one category
    ("cat:cond-mat.Str-El", Exact("category", "cond-mat.str-el")),
    ("cat:stat.M*", Exact("category", "stat.M", is_prefix=True)),
    ("id:2406.01234v2", Exact("id", "2406.01234")),
    ("id:arXiv:2406.01234", Exact("id", "2406.01234")),
    ("arXiv:hep-th/9901001v1", Exact("id", "hep-th/9901001")),
    ("id:1406.02661", Exact("id", "1406.2661")),
    ("doi:10.1000/ABC(2020)1", Exact("doi", "10.1000/abc(2020)1")),
    ("doi:https://doi.org/10.1000/abc", Exact("doi", "10.1000/abc")),
]
CJK: list[tuple[str, Node]] = [
    ("大语言模型", word("大语言模型")),
    ("注意力　机制", all_of("注意力", "机制")),
    ("（注意力 OR 机制）", any_of("注意力", "机制")),
    ("“注意力机制” 「推理」 ＂模型＂", all_of(Phrase("注意力机制"), Phrase("推理"), Phrase("模型"))),
    ("标题：注意力", word("标题：注意力")),  # a full-width colon is text
    ("ti:注意力", title("注意力")),
    ("注意力（机制）", all_of("注意力", "机制")),
]

ANY_HINTON = any_of(Author("Hinton", "G"), all_of("Hinton", "G"))
AUTHORS: list[tuple[str, Node]] = [
    ("au:Hinton", Term("Hinton", "author")),
    ("au:Hinton_G", Author("Hinton", "G")),
    ('au:"Hinton, G"', Author("Hinton", "G")),
    ('au:"G. Hinton"', Author("Hinton", "G")),
    ("au:G. Hinton", Author("Hinton", "G")),
    ("au:(Hinton, G)", Author("Hinton", "G")),
    ("au:hinton_g_e", Author("hinton", "g e")),
    ("au:del_maestro", Phrase("del maestro", "author")),
    ('au:"van der Waals"', Phrase("van der Waals", "author")),
    ("au:III", Term("III", "author")),
    ('au:"Geoffrey Hinton"', any_of(Phrase("Geoffrey Hinton", "author"), Author("Hinton", "Geoffrey"))),
    ("au:Hint*", Prefix("Hint", "author")),
    # Without a field the same forms find the author, or the words.
    ("Hinton_G", ANY_HINTON),
    ("Hinton, G", ANY_HINTON),
    ("G. Hinton", ANY_HINTON),
    ("G. Hinton distillation", all_of(ANY_HINTON, "distillation")),
    ("E. coli x_t layer_norm", all_of("E.", "coli", "x_t", "layer_norm")),  # no names
]
DATES: list[tuple[str, Node]] = [
    ("2024", years(2024, 2024)),
    ("2024-05", days("2024-05-01", "2024-05-31")),
    ("2024-05-01", days("2024-05-01", "2024-05-01")),
    ("bert 2019", all_of("bert", any_of("2019", years(2019, 2019)))),  # of that year, or containing it
    ("bert -2019", all_of("bert", without(any_of("2019", years(2019, 2019))))),
    ('bert "2019"', all_of("bert", Phrase("2019"))),
    ("year:2024", years(2024, 2024)),
    ("year:2019..2021", years(2019, 2021)),
    ("year:2019-2021", years(2019, 2021)),
    ("year:2021..2019", years(2019, 2021)),
    ("year>2020", years(2021, None)),
    ("year > 2020", years(2021, None)),
    ("year>=2020 year<2023", all_of(years(2020, None), years(None, 2022))),
    ("year:>2020", years(2021, None)),
    ("date:2024", years(2024, 2024)),  # a paper may have only a year
    ("year:2024-05", days("2024-05-01", "2024-05-31")),
    ("date:2024-05-01..2024-06-15", days("2024-05-01", "2024-06-15")),
    ("date:2024..", years(2024, None)),
    ("date:..2024-05", days(None, "2024-05-31")),
    ('date:"past week"', days("2024-06-08", "2024-06-15", relative="past week")),
    ("date:today", days("2024-06-15", "2024-06-15", relative="today")),
    ("date:(2020 OR 2022)", any_of(years(2020, 2020), years(2022, 2022))),
    ("updated:2024-05", days("2024-05-01", "2024-05-31", field="updated")),
    ("year: trends", all_of("year", "trends")),
]
# As they stand in requests to arXiv's API, decoded once (its user manual, "Constructing queries").
ARXIV: list[tuple[str, Node]] = [
    ("au:del_maestro", Phrase("del maestro", "author")),
    ("au:del_maestro+AND+ti:checkerboard", all_of(Phrase("del maestro", "author"), title("checkerboard"))),
    ("au:del_maestro+ANDNOT+ti:checkerboard", all_of(Phrase("del maestro", "author"), without(title("checkerboard")))),
    (
        "au:del_maestro+ANDNOT+%28ti:checkerboard+OR+ti:Pyrochlore%29",
        all_of(Phrase("del maestro", "author"), without(any_of(title("checkerboard"), title("Pyrochlore")))),
    ),
    (
        "au:del_maestro+ANDNOT+ti:%22quantum+criticality%22",
        all_of(Phrase("del maestro", "author"), without(Phrase("quantum criticality", "title"))),
    ),
    (
        "au:del_maestro+AND+submittedDate:[202301010600+TO+202401010600]",
        all_of(Phrase("del maestro", "author"), days("2023-01-01", "2024-01-01")),
    ),
    ("lastUpdatedDate:[20240101+TO+*]", days("2024-01-01", None, field="updated")),
    ("cat:cs.LG+AND+all:electron", all_of(Exact("category", "cs.LG"), "electron")),
    ("rn:CERN-TH-2024", Term("CERN-TH-2024", "report")),
]

# Queries that do not parse, the position of the error and its message.
ERRORS: list[tuple[str, int, str]] = [
    ('graph "neural networks', 6, "quotation mark"),
    ("“graph", 0, "quotation mark"),
    ("graph (neural OR network", 6, "Unclosed parenthesis"),
    ("graph) neural", 5, "Unmatched closing parenthesis"),
    ("graph AND", 6, "Missing word after AND"),
    ("graph OR OR neural", 6, "Missing word after OR"),
    ("OR graph", 0, "before OR"),
    ("cat:cs.AI AND ANDNOT", 10, "Missing word after AND"),
    ("graph (ANDNOT neural)", 7, "before ANDNOT"),
    ("graph NOT", 6, "Missing word after NOT"),
    ("graph ti:", 6, "Missing value after ti:"),
    ("ti: AND graph", 0, "Missing value after ti:"),
    ("graph year:20245", 11, "year 20245"),
    ("graph year:2024-13", 11, "month 13"),
    ("date:2024-02-30", 5, "no day 30"),
    ("date:whenever", 5, "not a date"),
    ("year:..", 5, "is empty"),
    ("submittedDate:[2023 TO 2024", 14, "closing bracket"),
    ("is:famous", 3, "Unknown value “famous”"),
    ("has:errors", 4, "Unknown value “errors”"),
]

_WORDS = r"""
    a foo G. Hinton, Hinton_G van der del_maestro AND OR NOT ANDNOT - -- ( ) （ ） “ ” 「 " \"o \ \alpha { } + : ? C++
    ti: au: all: cat: id: doi: year: date: has: is: in: venue: arXiv: year> submittedDate: cs cs.AI cs.* 2406.01234
    2024 2024-05 2019..2021 ..2020 today 20245 summary * ~ ~2 ab* 注意力 , . +AND+ X(3872) ICLR.2025
"""
_PIECES = [*_WORDS.split(), "\ud800", "\x00"]
QUERIES = st.one_of(
    st.text(st.characters(), max_size=40),
    st.text(st.characters(categories=["Cs", "Cc", "Zs", "Po"]), max_size=20),
    st.lists(st.sampled_from([*_PIECES, " ", " "]), max_size=14).map("".join),
    st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=3)), max_size=10).map(" ".join),
)
