"""Stories as text for the terminal: plain sentences, the arithmetic, the diagram."""

from collections.abc import Iterator

from reports.sequence import sequence_lines
from reports.story import ExplainDocument, Story
from reports.text import Page
from reports.wording import decimal, money, several


def stories_text(document: ExplainDocument, *, width: int, colour: bool) -> str:
    """The page of `tieout explain`."""
    page = Page(width, colour)
    page.heading(f"{document['scenario']}: {document['layer']}, seed {document['seed']}")
    page.sentence(_scope(document), indent="")
    for number, story in enumerate(document["stories"], 1):
        page.blank()
        _tell(page, story, f"{number}. " if len(document["stories"]) > 1 else "")
    return page.text()


def story_lines(story: Story, width: int = 100) -> list[str]:
    """The sentences and the arithmetic of one story, without its title and its diagram."""
    page = Page(width, colour=False)
    _sentences(page, story)
    return [line.rstrip() for line in page.text().splitlines()]


def _scope(document: ExplainDocument) -> str:
    slow, told = document["slow"], len(document["stories"])
    of = f" of {document['key']}" if document["key"] else ""
    if slow:
        are = "event was" if slow == 1 else "events were"
        return f"No break, but things came later than was expected: told is what the slowest {are} held up by."
    if not document["breaks"]:
        return f"No break{of}." if document["key"] is None else f"No break{of}: its whole life."
    rest = document["breaks"] - told
    more = f", {rest:,} more with --all or by their key" if rest > 0 else ""
    return f"{several(document['breaks'], 'break')}{of}; told {'is' if told == 1 else 'are'} {told:,}{more}."


def _tell(page: Page, story: Story, number: str) -> None:
    page.heading(f"{number}{story['title']}")
    _sentences(page, story)
    lines = sequence_lines(story, page.width)
    if lines:
        page.line("  Step by step", style="dim")
        for line, style in lines:
            page.line(line, style=style)
        if story["left_out"]:
            page.sentence(
                f"{several(story['left_out'], 'step')} left out: --json has the same; the trace/ tables have all.",
                style="dim",
            )


def _sentences(page: Page, story: Story) -> None:
    for heading, sentences in paragraphs(story):
        page.line(f"  {heading}", style="dim")
        for sentence in sentences:
            page.sentence(sentence, indent="    ")
    if story["arithmetic"]:
        page.line("  The arithmetic", style="dim")
        rows = [[f"    {line['words']}", decimal(line["minor"])] for line in story["arithmetic"]]
        rows[-1][1] = money(story["arithmetic"][-1]["minor"], story["currency"])
        page.rows(rows, right=[1])


def paragraphs(story: Story) -> Iterator[tuple[str, list[str]]]:
    """The parts of a story that are sentences, with their headings, those that there are."""
    told: tuple[tuple[str, list[str]], ...] = (
        ("What was meant to happen", story["meant"]),
        ("What happened", story["happened"]),
        ("Last seen", [story["last_seen"]]),
        ("Where the two part", [story["parted"]]),
        ("What did it", [story["cause"]]),
        ("What the layer did wrong", story["did_wrong"]),
        ("What would have prevented it", [story["prevention"]]),
    )
    for heading, sentences in told:
        said = [sentence for sentence in sentences if sentence]
        if said:
            yield heading, said
