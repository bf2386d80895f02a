"""Records as CSV, in the ways that bulk jobs may choose."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from fakes.faces.salesforce.errors import Fault

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
FIELD_MAX = 131_072


class Dialect:
    """How a job's tables are written. Raises Fault for a choice that there is not."""

    def __init__(self, delimiter: Any = "COMMA", line_ending: Any = "LF") -> None:
        if not isinstance(delimiter, str) or delimiter not in DELIMITERS:
            raise Fault("API_ERROR", f"columnDelimiter must be one of {', '.join(DELIMITERS)}")
        if not isinstance(line_ending, str) or line_ending not in LINE_ENDINGS:
            raise Fault("API_ERROR", f"lineEnding must be one of {', '.join(LINE_ENDINGS)}")
        self.delimiter = delimiter
        self.line_ending = line_ending

    def read(self, data: bytes) -> tuple[list[str], list[dict[str, str]]]:
        """The names of a table's columns and its rows. Raises Fault: InvalidBatch."""
        try:
            text = data.decode("utf-8-sig")
            rows = [
                row for row in csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[self.delimiter]) if row
            ]
        except (UnicodeDecodeError, csv.Error) as error:
            raise Fault("InvalidBatch", f"Failed to parse CSV: {error}") from error
        if not rows:
            raise Fault("InvalidBatch", "The batch has no header")
        names, rows = rows[0], rows[1:]
        if len(dict.fromkeys(names)) < len(names):
            raise Fault("InvalidBatch", "A column occurs more than once")
        for place, row in enumerate(rows, start=2):
            if len(row) != len(names):
                raise Fault("InvalidBatch", f"Line {place} has {len(row)} fields, and the header has {len(names)}")
        return names, [dict(zip(names, row, strict=True)) for row in rows]

    def write(self, names: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> str:
        """A table, every field in quotes."""
        names = list(names)
        out = io.StringIO(newline="")
        writer = csv.writer(
            out,
            delimiter=DELIMITERS[self.delimiter],
            lineterminator=LINE_ENDINGS[self.line_ending],
            quoting=csv.QUOTE_ALL,
        )
        writer.writerow(names)
        writer.writerows([_text(row.get(name)) for name in names] for row in rows)
        return out.getvalue()


def nested(row: Mapping[str, str]) -> dict[str, Any]:
    """A row as a record: `Account.AccountKey__c` refers by external id, `#N/A` is null, and nothing is left alone."""
    record: dict[str, Any] = {}
    for name, value in row.items():
        if value == "":
            continue
        field, key = referring(name)
        kept = None if value == "#N/A" else value
        record[field] = {key: kept} if key else kept
    return record


def referring(name: str) -> tuple[str, str]:
    """The field or relationship of a column, and the external id by which it refers: `Account:What.AccountKey__c`."""
    field, _, key = name.partition(".")
    return field.rpartition(":")[2] if key else field, key


def flat(row: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """What a row has at a path, whatever the case of its parts."""
    at: Any = row
    for part in path:
        if not isinstance(at, Mapping):
            return None
        at = next((value for name, value in at.items() if name.lower() == part.lower()), None)
    return at


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
