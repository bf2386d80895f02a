"""Figures are SVG with units on their axes, the same bytes each time, and carry no colour that one paper hides."""

from xml.etree import ElementTree as xml

import pytest

from reports import canvas
from reports.arrivals import lags
from reports.figures import files
from reports.reading import Results
from reports.timelines import age_ticks, zoom_s
from tests.reports.samples import CALENDAR, DAY_S, LAYERS, comparison, run

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawn():
    return files(comparison(seeds=3, silent=True))


def words(drawn, name):
    return [text.text for text in xml.fromstring(drawn[name]).iter(f"{SVG}text")]


def test_there_are_six_figures(drawn):
    assert list(drawn) == [f"{name}.svg" for name in ("counts", "lags", "backlog", "oldest", "causes", "calls")]
    assert sum(map(len, drawn.values())) < 1_000_000


@pytest.mark.parametrize(
    ("name", "units"),
    [
        ("counts", {"records in a run", "breaks in a run", "USD in a run"}),
        ("lags", {"share of changes arrived", "1 s", "1 min", "1 h", "100 %"}),
        ("backlog", {"changes outstanding", "quarter ends", "1 Feb"}),
        ("oldest", {"outstanding change", "10 min", "6 h", "quarter starts"}),
        ("causes", {"breaks open at close in a run, mean over the seeds", "by kind", "by cause"}),
        ("calls", {"calls per contract", "ok", "all systems"}),
    ],
)
def test_axes_say_their_units(drawn, name, units):
    assert units <= set(words(drawn, f"{name}.svg"))


def test_every_layer_is_named_in_every_figure(drawn):
    for name in drawn:
        assert set(LAYERS) <= set(words(drawn, name)), name


def test_a_fault_that_hit_nothing_is_marked_in_its_lane(drawn):
    assert "outage of revenue (hit nothing)" in words(drawn, "backlog.svg")


def test_flows_each_have_a_panel(drawn):
    assert {"contract → billing", "recognition → erp"} <= set(words(drawn, "lags.svg"))


def test_lags_have_a_panel_a_flow_and_no_more():
    flow = run()["flows"][0]
    with canvas.look():
        for number, rows in ((1, 1), (3, 1), (4, 2), (12, 4)):
            figure = lags(Results(run(flows=[{**flow, "flow": f"a>{place}"} for place in range(number)])))

            assert sum(axis.axison for axis in figure.axes) == number
            assert figure.axes[0].get_gridspec().nrows == rows
            assert not any(axis.get_legend() for axis in figure.axes)
            assert len(figure.legends) == 1


@pytest.mark.parametrize(
    ("top_s", "names"),
    [
        (1.0, ["0", "1 s"]), (10.5, ["0", "5 s", "10 s"]), (59, ["0", "20 s", "40 s"]), (63, ["0", "1 min"]),
        (4_000, ["0", "1 min", "10 min", "1 h"]),
    ],
)  # fmt: skip
def test_ages_have_round_ticks_however_short_they_are(top_s, names):
    assert list(age_ticks(top_s).values()) == names


def test_a_line_ends_where_changes_never_arrive():
    def height_of_the_line(last):
        quantiles = [1.0 + percent for percent in range(last)] + [None] * (101 - last)
        flow = {"flow": "a->b", "expected": 9, "arrived": 8, "p50_s": 1, "p95_s": 1, "p99_s": 1, "max_s": None}
        with canvas.look():
            figure = lags(Results(run(flows=[{**flow, "quantiles_s": quantiles}])))
        return max(figure.axes[0].lines[0].get_ydata())

    assert height_of_the_line(101) == 1.0
    assert height_of_the_line(61) == 0.6


def test_intervals_are_drawn_from_low_to_high():
    document = comparison(seeds=3)
    with canvas.look():
        from reports.bars import counts

        figure = counts(Results(document))
    bars = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 2]
    expected = document["layers"]["point-to-point"]["duplicates"]

    assert list(bars[0].get_xdata()) == [expected["low"], expected["high"]]


def test_nothing_is_drawn_from_nothing():
    bare = run(flows=[], calls=[], faults=[], series=False)

    assert list(files(bare)) == ["counts.svg"]
    assert files(comparison(layers=(), seeds=0)) == {}


def test_pictures_come_on_demand():
    pictures = files(run(flows=[], calls=[], faults=[], series=False), formats=("svg", "png"))

    assert pictures["counts.png"].startswith(b"\x89PNG")
    assert list(pictures) == ["counts.svg", "counts.png"]


def test_the_users_own_settings_do_not_change_a_byte():
    import matplotlib as mpl

    plain = run(flows=[], calls=[], faults=[], series=False)
    expected = files(plain)
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "pink", "svg.hashsalt": None, "text.usetex": True}):
        assert files(plain) == expected


def test_hostile_names_are_text_and_not_mathematics():
    hostile = "$\\frac{1}$ <b>&\x1b"
    drawn = files(run(hostile, flows=[], series=False))

    assert "$\\frac{1}$ <b>&�" in words(drawn, "counts.svg")


def test_the_closer_look_surrounds_short_faults_or_else_the_quarters_end():
    def fault(from_d, until_d):
        return {"name": "f", "kind": "outage", "target": "erp", "from_s": from_d * DAY_S, "until_s": until_d * DAY_S}

    end_d = CALENDAR["quarter_end_s"] / DAY_S
    around_the_end = ((end_d - 6) * DAY_S, (end_d + 4) * DAY_S)

    assert zoom_s(CALENDAR, [fault(50, 51)]) == (48.5 * DAY_S, 53.5 * DAY_S)
    assert zoom_s(CALENDAR, [fault(20, 21), fault(90, 91)]) == around_the_end
    assert zoom_s(CALENDAR, [fault(14, 112)]) == around_the_end
    assert zoom_s(CALENDAR, []) == around_the_end


@pytest.mark.parametrize("paper", ["#ffffff", "#14171c"])
@pytest.mark.parametrize("colour", [canvas.INK, *canvas.LAYER_COLOURS, *canvas.PART_COLOURS])
def test_every_colour_is_seen_on_light_and_on_dark(colour, paper):
    assert contrast(colour, paper) >= 3


def contrast(one, other):
    """WCAG 2 contrast ratio of two #rrggbb colours."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
