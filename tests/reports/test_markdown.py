"""Markdown that says what was to be said, whatever the text, in a page that is never too large, nor cut in a table."""

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reports.markdown import ROWS_MAX, Part, bullets, code, escaped, fitted, table

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
anything = st.text(st.characters(codec="utf-8"), max_size=60)
marks = st.text(st.sampled_from("\\`*_{}[]()#+-!|~<>&$@:/.1= \nab"), max_size=30)
texts = st.one_of(anything, marks)


def words(markdown):
    """The text that a reader sees, and the kinds of markup around it."""
    seen, kinds = [], set()
    for token in READER.parse(markdown):
        kinds.add(token.type)
        for inner in token.children or ():
            kinds.add(inner.type)
            seen.append(inner.content if inner.type != "softbreak" else " ")
    return "".join(seen), kinds


@given(texts)
def test_a_paragraph_reads_as_the_text_and_as_nothing_else(text):
    from reports.wording import plain

    shown = " ".join(plain(text).split())
    seen, kinds = words(escaped(text))

    assert seen.strip() == shown
    assert kinds <= {"paragraph_open", "inline", "text", "paragraph_close", "text_special"}


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=4))
def test_a_cell_stays_in_its_column(rows):
    markdown = table(["one", "other"], [list(row) for row in rows], right=[1])
    tokens = READER.parse(markdown)

    assert [token.type for token in tokens].count("td_open") == 2 * len(rows)
    assert tokens[0].type == "table_open"
    assert tokens[-1].type == "table_close"


@given(marks)
def test_nothing_ends_a_block_of_code_early(text):
    tokens = READER.parse(code(f"tieout run {text}x"))

    assert [token.type for token in tokens] == ["fence"]
    assert tokens[0].content.strip() == f"tieout run {' '.join(f'{text}x'.splitlines())}".strip()


def test_a_long_table_ends_with_how_many_rows_more_there_are():
    shown = table(["number"], [[str(number)] for number in range(ROWS_MAX + 3)])

    assert shown.splitlines()[-3:] == [f"| {ROWS_MAX - 1} |", "", "… and 3 more rows, which the report has."]
    assert "… and 3 more lines" in bullets(["x"] * (ROWS_MAX + 3))


@given(st.lists(st.integers(0, 400), max_size=6), st.integers(-5, 1500))
def test_a_page_fits_by_leaving_out_whole_parts_and_says_which(sizes, size):
    parts = [Part(f"part {place}", "é" * length) for place, length in enumerate(sizes)]

    page = fitted(parts, size)

    assert len(page.encode()) <= max(0, size)
    kept = [part for part in parts if part.markdown() in page]
    left_out = [part for part in parts if part.markdown() not in page]
    if page:
        assert all(part.title in page.splitlines()[-1] for part in left_out)
        assert bool(left_out) == ("Left out" in page)
        assert [page.index(part.markdown()) for part in kept] == sorted(page.index(part.markdown()) for part in kept)


def test_a_part_that_is_too_large_costs_none_that_come_after_it():
    page = fitted([Part("a", "x"), Part("b", "y" * 5000), Part("c", "z")], 1000)

    assert page == "### a\n\nx\n\n### c\n\nz\n\n_Left out, as there is room for 1,000 bytes: b._\n"
