"""Claims as text: columns that do not run into each other, the interval's level, and whether a claim had power."""

from harness.hypotheses.hypothesis import Finding
from harness.hypotheses.measured import at_most, by_batches, exactly, rate_of, share_of
from reports.claims import claims_table


def entry(predicted, measured, low, high, held=True, *, telling=True, level="99 %"):
    return {
        "id": "H3", "also": ["F3"], "about": "retries", "claim": "a claim", "predicted": predicted,
        "measured": measured, "low": low, "high": high, "level": level, "held": held, "telling": telling, "remark": "",
    }  # fmt: skip


def finding(predicted, measured):
    return Finding("H3", (), "retries", "a claim", predicted, measured, "")


def test_columns_keep_apart_however_long_a_number_is():
    text = claims_table([
        entry(0.0028222, 0.0028333, 0.0021051, 0.0037237),
        entry(123456789.25, 1.23456e-13, 1.23456e-13, 1.23456e13),
    ])  # fmt: skip
    first, second = (line for line in text.splitlines() if "predicted" in line)

    assert "measured 0.0028333 [0.0021051, 0.0037237] 99 %  " in first
    assert first.index("held") == second.index("held")
    assert " measured " in second and "  held" in second


def test_the_level_of_the_intervals_is_explained():
    text = " ".join(claims_table([entry(1, 1.1, 0.9, 1.3, level="4 s.e.")]).split())

    assert "[0.9, 1.3] 4 s.e. held" in text
    assert "4 s.e.: four standard errors on either side" in text
    assert "No power" not in text


def test_a_claim_that_nothing_would_have_kept_as_well_has_no_power():
    text = claims_table([entry(1e-6, 0, 0, 2.6e-4, telling=False), entry(1, 1, 1, 1, level="")])

    assert "99 %  " in text and "no power\n" in text
    assert "No power: 0 would have held as well" in text
    assert text.splitlines()[-1] == "1 hypothesis, 2 claims: 1 held, 1 no power"


def test_what_a_finding_can_tell():
    assert finding(1e-6, share_of(0, 20_000)).telling is False
    assert finding(0.001, share_of(20, 20_000)).telling is True
    assert finding(0, share_of(0, 20_000)).telling is True, "that there are none is what was claimed"
    assert finding(0.5, share_of(0, 20_000)).telling is True, "it does not hold"
    assert finding(1, None).telling is None


def test_a_measurement_names_the_level_of_its_interval():
    assert (share_of(1, 10).level, rate_of(3, 10).level) == ("99 %", "99 %")
    assert by_batches([1.0, 2.0, 3.0]).level == "4 s.e."
    assert (exactly(3).level, at_most(3).level) == ("", "")
