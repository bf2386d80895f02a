"""A sequence diagram as text: a column a party, a line a step, times on the left."""

from reports.story import Step, Story

TIME = 21
COLUMN_MIN = 12


def sequence_lines(story: Story, width: int) -> list[tuple[str, str]]:
    """The diagram's lines, each with its style: `red` where a fault was, `bold` where what happened parts."""
    parties, steps = story["parties"], story["steps"]
    if not steps:
        return []
    column = max(COLUMN_MIN, min(34, (width - TIME) // max(2, len(parties))))
    centres = {party: TIME + place * column + column // 2 for place, party in enumerate(parties)}
    total = TIME + column * len(parties)
    header = [" "] * total
    for party, centre in centres.items():
        _write(header, centre - len(party) // 2, party)
    lines = [("".join(header).rstrip(), "bold")]
    day = ""
    for step in steps:
        today, _, time = step["at"].partition(" ")
        if today != day:
            lines.append((_blank(centres, total, today), "dim"))
            day = today
        style = "bold red" if step["parts"] else "red" if step["fault"] else ""
        lines += [(line, style) for line in _step(step, time, centres, total, width)]
    return lines


def _blank(centres: dict[str, int], total: int, label: str = "") -> str:
    return "".join(_lifelines(centres, total, label)).rstrip()


def _lifelines(centres: dict[str, int], total: int, label: str) -> list[str]:
    line = [" "] * total
    _write(line, 0, label)
    for centre in centres.values():
        line[centre] = "|"
    return line


def _step(step: Step, time: str, centres: dict[str, int], total: int, width: int) -> list[str]:
    """The step's words, over its arrow; what happens at one party stands beside that one's line."""
    mark = ">>>" if step["parts"] else "!" if step["fault"] else ""
    first = _lifelines(centres, total, f"{time} {mark}")
    frm, to = centres[step["frm"]], centres[step["to"]]
    if frm == to:
        words = f"* {step['words']}"
        _write(first, frm, words) if frm + len(words) < width else _write(
            first, max(TIME - 6, width - len(words)), words
        )
        return ["".join(first).rstrip()]
    left, right = min(frm, to), max(frm, to)
    start = max(TIME - 6, min(left + 2, width - len(step["words"])))
    _write(first, start, step["words"])
    arrow = _lifelines(centres, total, "")
    for place in range(left + 1, right):
        arrow[place] = "." if step["back"] else "-"
    lost = step["fault"] and ("lost" in step["words"] or "too late" in step["words"])
    if to > frm:
        arrow[right - 1] = "x" if lost else ">"
    else:
        arrow[left + 1] = "x" if lost else "<"
    return ["".join(first).rstrip(), "".join(arrow).rstrip()]


def _write(line: list[str], place: int, words: str) -> None:
    for letter in words:
        if place >= len(line):
            line.extend(" " * (place - len(line) + 1))
        line[place] = letter
        place += 1
