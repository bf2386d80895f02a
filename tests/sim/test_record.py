"""A record is quick to make, and to `dataclasses` one of its own."""

from dataclasses import asdict, fields, replace

import pytest

from sim.record import Record, Value


class Leg(Value):
    span_us: int
    back: bool = False


class Slow(Leg):
    reason: str = ""


class Trip(Record):
    legs: tuple[Leg, ...]
    said: str = ""


def test_a_record_is_replaced_listed_and_taken_apart_as_a_dataclass_is():
    trip = Trip((Leg(3), Leg(4, back=True)))

    assert replace(trip, said="late") == Trip((Leg(3), Leg(4, True)), "late")
    assert [field.name for field in fields(trip)] == ["legs", "said"]
    assert asdict(trip) == {"legs": ({"span_us": 3, "back": False}, {"span_us": 4, "back": True}), "said": ""}


def test_a_record_of_a_record_has_the_fields_of_both():
    assert replace(Leg(3), back=True).back
    assert replace(Slow(3, reason="fog"), span_us=5) == Slow(5, False, "fog")


def test_a_value_does_not_change_and_is_a_key_but_a_record_changes():
    with pytest.raises(AttributeError):
        Leg(3).span_us = 4
    assert {Leg(3): "there"}[Leg(3)] == "there"
    trip = Trip(())
    trip.said = "late"
    assert trip == Trip((), "late")
