"""A fault as a trial writes it, taken apart, and the smaller faults that can be made of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from scenarios.marked import compose, plain
from sim.durations import SECOND, parse_us

NEVER_S = 10**9
LEAST_S = 60
"""No window becomes shorter, in seconds: instants are written to the minute."""


@dataclass(frozen=True, slots=True)
class Written:
    """A fault's fields, as its scenario says them."""

    fields: Mapping[str, Any]

    def narrowed(self, where: Sequence[str]) -> Iterator["Written"]:
        """At one of these steps alone, such as `erp.post_document` or `crm.contract_signed`."""
        for step in where:
            _, _, word = step.partition(".")
            for field in ("operations", "events"):
                yield self.saying(**{field: [word]})

    def around(self, hits: Sequence[datetime]) -> Iterator["Written"]:
        """For a minute or two around one of these instants, or from the first of them to the last, if that is less."""
        around = [self.during(hit, lasts_s) for lasts_s in (LEAST_S, 2 * LEAST_S) for hit in hits]
        if len(hits) > 1:
            around.append(self.during(hits[0], int((hits[-1] - hits[0]).total_seconds()) + 2 * LEAST_S))
        yield from (one for one in around if (one.lasts_s or 0) < (self.lasts_s or NEVER_S))

    def halved(self) -> Iterator["Written"]:
        """In the first half of its window, or in the second."""
        lasts_s = self.lasts_s
        if lasts_s is not None and "from" in self.fields:
            half_s = lasts_s // 2
            if half_s >= LEAST_S:
                yield self.during(self.begins, half_s)
                yield self.during(self.begins + timedelta(seconds=half_s), half_s)

    def surely(self) -> Iterator["Written"]:
        """Whenever there is something to strike, instead of a share of it; or the first time alone."""
        if "share" in self.fields:
            yield self.without("share").saying(nth=1)
            yield self.saying(share=1)

    def weaker(self) -> Iterator["Written"]:
        """With one of its strengths halved, or left out."""
        for name, value in self.fields.items():
            if name == "silent" and value is True:
                yield self.without(name)
            elif name == "slow" and float(value) >= 4:
                yield self.saying(slow=int(value) // 2)
            elif name == "fail_share" and float(value) > 0:
                yield self.saying(fail_share=0)
            elif name == "per_minute" and int(value) < 60:
                yield self.saying(per_minute=2 * int(value))
            elif name in ("down", "by", "edit") or isinstance(value, dict):
                yield from self._shorter(name, value)

    def _shorter(self, name: str, value: Any) -> Iterator["Written"]:
        if isinstance(value, dict):
            yield from (
                self.saying(**{name: {word: _half(span)}})
                for word, span in value.items()
                if len(value) == 1 and seconds(span) >= 2
            )
        elif not str(value).startswith("-") and seconds(value) >= 2:
            yield self.saying(**{name: _half(value)})

    @property
    def begins(self) -> datetime:
        """When its window begins, by the local clock."""
        return datetime.fromisoformat(self.fields["from"])

    @property
    def lasts_s(self) -> int | None:
        """How long its window lasts, if it has an end."""
        return seconds(self.fields["for"]) if "for" in self.fields else None

    def during(self, begins: datetime, lasts_s: int) -> "Written":
        """In another window: from a minute on, for whole minutes."""
        begins = begins.replace(second=0, microsecond=0)
        lasts_s = max(LEAST_S, -(-lasts_s // LEAST_S) * LEAST_S)
        return self.saying(**{"from": f"{begins:%Y-%m-%d %H:%M}", "for": f"{lasts_s // 60} min"})

    def saying(self, **fields: Any) -> "Written":
        """With these fields, too, or otherwise."""
        return replace(self, fields={**self.fields, **fields})

    def without(self, *names: str) -> "Written":
        """With none of these fields."""
        return replace(self, fields={field: value for field, value in self.fields.items() if field not in names})


def read(text: str) -> Written:
    """The fault that a text says."""
    node = compose(text, "fault")
    assert node is not None, "a fault has a kind"
    return Written(plain(node))


def write(fault: Written) -> str:
    """The text of a fault, in one line."""
    return _flow(dict(fault.fields))


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {_flow(each)}' for name, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def seconds(span: Any) -> int:
    """A span, in whole seconds."""
    return parse_us(str(span)) // SECOND


def _half(span: Any) -> str:
    return f"{seconds(span) // 2} s"
