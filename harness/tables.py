"""Tables of a run's directory, written as Parquet for DuckDB, Polars and pandas.

A column is named with its kind, `amount_minor:int`, so that a table without rows has the same columns and types
as one with many. Days become dates, and months text such as 2026-03.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from sim.calendar import month_name
from sim.trace import COLUMNS, Trace

_TYPES = {"int": "BIGINT", "text": "VARCHAR", "word": "VARCHAR", "day": "DATE", "month": "VARCHAR"}
_EPOCH = date(1970, 1, 1).toordinal()


class ParquetWriter:
    """Writes tables to Parquet files below `folder`."""

    def __init__(self, folder: Path) -> None:
        import duckdb  # noqa: PLC0415  # slow to import, and only a finished run needs it

        self._folder = folder
        self._database = duckdb.connect(config={"threads": 1})
        self._not_written: type[Exception] = duckdb.IOException

    def rows(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write rows as `<name>.parquet`. What is None becomes null."""
        by_column = list(zip(*rows, strict=True)) or [()] * len(columns)
        kinds = [column.partition(":")[2] for column in columns]
        self._write(name, columns, [_ARRAYS[kind](v) for kind, v in zip(kinds, by_column, strict=True)])

    def trace(self, trace: Trace) -> None:
        """Write the trace's tables below `trace/`, their words spelled out."""
        words = np.array([*trace.words], dtype=object)
        for name, columns in COLUMNS.items():
            titles = [column.partition(":") for column in columns]
            numbers = {title: trace.table(name).column(title) for title, _, _ in titles}
            spelled = [words[numbers[title]] if kind == "word" else numbers[title] for title, _, kind in titles]
            self._write(f"trace/{name}", columns, spelled)

    def _write(self, name: str, columns: Sequence[str], arrays: Sequence[Any]) -> None:
        target = self._folder / f"{name}.parquet"
        target.parent.mkdir(parents=True, exist_ok=True)
        titles = [column.partition(":")[::2] for column in columns]
        typed = ", ".join(f'CAST("{title}" AS {_TYPES[kind]}) AS "{title}"' for title, kind in titles)
        place = str(target).replace("'", "''")
        copy = f"COPY (SELECT {typed} FROM written) TO '{place}' (FORMAT parquet, COMPRESSION zstd)"
        self._database.register("written", {title: array for (title, _), array in zip(titles, arrays, strict=True)})
        try:
            self._database.execute(copy)
        except self._not_written as error:
            raise OSError(None, f"a table was not written: {error}") from error
        self._database.unregister("written")


def _whole_numbers(values: Sequence[int | None]) -> Any:
    return _text(values) if None in values else np.array(values, dtype=np.int64)


def _text(values: Sequence[object]) -> Any:
    return np.array([None if value is None else str(value) for value in values], dtype=object)


def _days(values: Sequence[int]) -> Any:
    return (np.array(values, dtype=np.int64) - _EPOCH).astype("datetime64[D]").astype("datetime64[us]")


def _months(values: Sequence[int]) -> Any:
    return _text([month_name(month) for month in values])


_ARRAYS: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "int": _whole_numbers,
    "text": _text,
    "day": _days,
    "month": _months,
}
