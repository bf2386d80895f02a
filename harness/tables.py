"""Tables of a run's directory: columns of integers and text, written as Parquet."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.trace import COLUMNS, Trace


class ParquetWriter:
    """Writes columns to Parquet files below `folder`, readable with DuckDB, Polars and pandas."""

    def __init__(self, folder: Path) -> None:
        import duckdb  # noqa: PLC0415  # a quarter of a second that only this needs

        self._folder = folder
        self._database = duckdb.connect(config={"threads": 1})

    def rows(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write rows of integers, text and None as `<name>.parquet`."""
        by_column = list(zip(*rows, strict=True)) or [()] * len(columns)
        self._write(name, {column: _array(values) for column, values in zip(columns, by_column, strict=True)})

    def trace(self, trace: Trace) -> None:
        """Write the trace's four tables below `trace/`, their words spelled out."""
        trace.spill()
        words = np.array([*trace.words], dtype=object)
        for name, columns in COLUMNS.items():
            arrays = {}
            for column, packed in zip(columns, trace.packed[name], strict=True):
                title, _, kind = column.partition(":")
                numbers = np.frombuffer(packed, dtype=np.int64)
                arrays[title] = words[numbers] if kind == "word" else numbers
            self._write(f"trace/{name}", arrays)

    def _write(self, name: str, arrays: dict[str, Any]) -> None:
        target = self._folder / f"{name}.parquet"
        target.parent.mkdir(parents=True, exist_ok=True)
        self._database.register("written", arrays)
        place = str(target).replace("'", "''")
        self._database.execute(f"COPY (SELECT * FROM written) TO '{place}' (FORMAT parquet, COMPRESSION zstd)")
        self._database.unregister("written")


def _array(values: Sequence[Any]) -> Any:
    if values and all(type(value) is int for value in values):
        return np.array(values, dtype=np.int64)
    return np.array([None if value is None else str(value) for value in values], dtype=object)
