"""`--json`: one document on standard output and nothing else, with the fields that CONTRACT.md promises."""

import json
from itertools import combinations
from statistics import fmean

import pytest
from jsonschema import Draft7Validator

from harness.layers import BUILT_IN
from tests.cli.command_line import SMALL, tree

WHOLE, NUMBER, TEXT = {"type": "integer"}, {"type": "number"}, {"type": "string"}
COUNT, POSITIVE = {"type": "integer", "minimum": 0}, {"type": "integer", "minimum": 1}
SECONDS = {"type": ["number", "null"], "minimum": 0}
NUMBER_OR_NULL = {"type": ["number", "null"]}
DIGEST = {"type": "string", "pattern": "^[0-9a-f]{32}$"}


def record(properties, *, optional=()):
    """An object with these fields and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def every(items):
    return {"type": "array", "items": items}


def table(values):
    return {"type": "object", "additionalProperties": values}


RECORDS = record(
    dict.fromkeys(
        (
            "customers", "orders", "subscriptions", "invoices", "journal_entries", "revenue_contracts",
            "billed_documents", "recognitions", "payments", "fulfilments", "projects",
        ),
        COUNT,
    ),
    optional=("billed_documents", "recognitions", "payments", "fulfilments", "projects"),
)  # fmt: skip

QUANTILES = {"type": "array", "items": SECONDS, "minItems": 101, "maxItems": 101}

LISTED = record(
    {
        "kind": TEXT, "key": TEXT, "system": {"enum": ["crm", "billing", "erp", "revenue"]}, "amount_minor": COUNT,
        "currency": TEXT,
        "cause": {"type": ["string", "null"]}, "period": {"type": ["string", "null"], "pattern": r"^\d{4}-\d\d$"},
        "detail": TEXT, "contract": {"type": ["string", "null"]}, "entity": TEXT,
    },
)  # fmt: skip

LINES = (
    "bookings_minor", "billings_minor", "invoiced_minor", "credited_minor", "revenue_minor",
    "revenue_subscription_minor", "revenue_setup_minor", "revenue_usage_minor", "revenue_services_minor",
    "revenue_other_minor", "opening_minor", "acquired_minor", "other_minor", "translation_minor", "closing_minor",
    "contract_liability_minor", "contract_asset_minor", "unbilled_receivable_minor", "remaining_obligations_minor",
    "unbilled_minor", "billed_ahead_minor", "receivables_opening_minor", "cash_minor", "refunds_minor",
    "unapplied_minor", "receivables_other_minor", "receivables_translation_minor",
    "receivables_minor", "unapplied_cash_minor", "revenue_as_invoiced_minor", "remaining_opening_minor",
    "remaining_acquired_minor", "remaining_translation_minor", "unbilled_obligations_minor",
)  # fmt: skip
MONTH = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}
BANDS = ("remaining_within_year_minor", "remaining_later_minor")

RUN = {
    "schema": {"const": "tieout.run/1"},
    "tieout": TEXT,
    "scenario": TEXT,
    "layer": TEXT,
    "layer_options": table(TEXT),
    "seed": COUNT,
    "fingerprint": DIGEST,
    "scenario_digest": DIGEST,
    "business_digest": DIGEST,
    "simulated_s": NUMBER,
    "wall_s": NUMBER,
    "kernel_events": COUNT,
    "api_calls": COUNT,
    "truth": record(
        {
            "customers": COUNT, "contracts": COUNT, "amendments": COUNT, "invoices": COUNT, "usage_records": COUNT,
            "milestones": COUNT, "bookings_minor": WHOLE, "billings_minor": WHOLE, "revenue_minor": WHOLE,
        }
    ),
    "metrics": {
        "type": "object",
        "required": [
            "event_lag", "delivery_lag", "duplicates", "duplicates_ever", "missing", "amount_off", "unexplained",
            "api_calls", "amplification", "calls_per_contract", "failure_rate", "retries", "retry_share", "backlog",
            "durable_writes", "invoice_delay", "amendment_sync_time", "cut_off_errors", "utilisation", "work_queue",
            "dead_letters", "manual_touches", "manual_adjustments", "close_cycle", "business_status",
        ],
    },
    "duplicates": RECORDS,
    "missing": RECORDS,
    "breaks": record(
        {
            "open_at_close": COUNT, "amount_minor": COUNT, "currency": TEXT, "timing": COUNT, "by_kind": table(COUNT),
            "by_cause": table(COUNT), "listed": {**every(LISTED), "maxItems": 200},
            "tally": every(
                record({"kind": TEXT, "record": TEXT, "cause": TEXT, "count": POSITIVE, "amount_minor": COUNT})
            ),
        },
        optional=("timing",),
    ),
    "expectations": every(
        record(
            {
                "name": TEXT, "limit": NUMBER, "value": NUMBER_OR_NULL, "held": {"type": "boolean"},
                "unit": {"enum": ["count", "number", "minor", "share", "s"]}, "currency": TEXT, "remark": TEXT,
            },
            optional=("currency", "remark"),
        )
    ),
    "flows": every(
        {
            **record(
                {
                    "flow": {"type": "string", "pattern": "^[a-z]+->[a-z]+$"}, "expected": COUNT, "arrived": COUNT,
                    "p50_s": SECONDS, "p95_s": SECONDS, "p99_s": SECONDS, "max_s": SECONDS, "quantiles_s": QUANTILES,
                }
            ),
            "additionalProperties": True,
        }
    ),
    "series": record(
        {
            "step_s": {"const": 3600}, "backlog": every(COUNT), "oldest_s": every(NUMBER),
            "business_status": table(every(COUNT)),
        }
    ),
    "business_status": every(
        record({"status": TEXT, "at": TEXT, "at_s": NUMBER, "count": COUNT, "minor": COUNT, "oldest_s": NUMBER})
    ),
    "statements": every(
        record(
            {
                "month": MONTH,
                "expected": record(dict.fromkeys((*LINES, *BANDS), WHOLE)),
                "actual": record(dict.fromkeys(LINES, WHOLE)),
            }
        )
    ),
    "quarter_statements": record(
        {
            "months": every(MONTH),
            "expected": record(dict.fromkeys((*LINES, *BANDS), WHOLE)),
            "actual": record(dict.fromkeys(LINES, WHOLE)),
        }
    ),
    "close": record(
        {
            "signed_off_s": NUMBER,
            "steps": every(
                record({"step": TEXT, "from_s": NUMBER, "until_s": NUMBER, "count": COUNT, "minor": COUNT})
            ),
        }
    ),
    "replays": every(record({"at": TEXT, "at_s": NUMBER, "carried": COUNT})),
    "faults": every(
        record({
            "name": TEXT, "kind": TEXT, "target": TEXT, "from_s": NUMBER, "until_s": NUMBER, "hits": COUNT,
            "last_s": NUMBER_OR_NULL,
        })
    ),
    "calls": every(record({"system": TEXT, "operation": TEXT, "outcome": TEXT, "count": POSITIVE})),
    "calendar": record(
        {"start": TEXT, "timezone": TEXT, "measured_from_s": NUMBER, "quarter_end_s": NUMBER, "audited_at_s": NUMBER}
    ),
    "remarks": every(TEXT),
}  # fmt: skip

RUN_DOCUMENT = record({**RUN, "settings": record({"command": TEXT}), "run_dir": TEXT})

CUTOVER = record({"to": TEXT, "at": TEXT, "at_s": NUMBER, "overlap_s": NUMBER})
"""What the document of a run with a cutover has as well."""

INTERVALS = table(table(record({"mean": NUMBER_OR_NULL, "low": NUMBER_OR_NULL, "high": NUMBER_OR_NULL})))

COMPARE_DOCUMENT = record(
    {
        "schema": {"const": "tieout.compare/1"},
        "tieout": TEXT,
        "scenario": TEXT,
        "currency": TEXT,
        "seeds": COUNT,
        "complete": {"type": "boolean"},
        "layers": INTERVALS,
        "differences": {**INTERVALS, "propertyNames": {"pattern": "^.+ vs .+$"}},
        "runs": every(record(RUN, optional=("series", "statements", "quarter_statements"))),
        "settings": record(
            {"program": TEXT, "python": TEXT, "scenario_digest": DIGEST, "command": TEXT, "seeds": every(COUNT)}
        ),
        "run_dir": TEXT,
        "report": TEXT,
    }
)

INTERVAL = record({"mean": NUMBER_OR_NULL, "low": NUMBER_OR_NULL, "high": NUMBER_OR_NULL})

ABLATE_DOCUMENT = record(
    {
        **COMPARE_DOCUMENT["properties"],
        "schema": {"const": "tieout.ablate/1"},
        "layer": TEXT,
        "safeguards": every(
            record(
                {
                    "name": TEXT, "value": TEXT, "without": TEXT, "protects": TEXT, "layer": TEXT,
                    "identical": {"type": "boolean"}, "against": every(TEXT), "hits": table(COUNT),
                    "zeros": table({"type": "number", "minimum": 0, "maximum": 1}),
                    "harm": table(INTERVAL), "cost": table(INTERVAL), "sentence": TEXT,
                    "appears": every(
                        record({"kind": TEXT, "record": TEXT, "cause": TEXT, **INTERVAL["properties"]})
                    ),
                }
            )
        ),
        "pairs": every(
            record(
                {
                    "names": {**every(TEXT), "minItems": 2, "maxItems": 2}, "layer": TEXT, "harm": table(INTERVAL),
                    "beyond": table(INTERVAL), "sentence": TEXT,
                }
            )
        ),
    }
)  # fmt: skip

LAYERS_DOCUMENT = table(
    record(
        {
            "summary": TEXT,
            "promise": TEXT,
            "options": table(
                record(
                    {
                        "default": TEXT, "choices": {**every(TEXT), "minItems": 1}, "help": TEXT,
                        "safeguard": {"type": "boolean"}, "protects": TEXT, "without": TEXT, "why": TEXT,
                    }
                )
            ),
            "left_out": table(TEXT),
        }
    )
)  # fmt: skip


LOSSY = ("lost-responses", "--set", "business.contracts=20", "--jobs", "1", "--json")


def only_document(text):
    """The one JSON document that a text is. Fails for anything before, after or beside it, NaN included."""

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    assert text.endswith("}\n")
    return json.loads(text, parse_constant=refuse)


def assert_valid(document, schema):
    Draft7Validator.check_schema(schema)
    problems = Draft7Validator(schema).iter_errors(document)
    told = [f"{'/'.join(map(str, problem.path))}: {problem.message[:200]}" for problem in problems]
    assert not told, "\n".join(told)


@pytest.mark.parametrize("layer", ["point-to-point", "process-orchestration", "event-driven"])
def test_a_run_is_one_document_as_promised(tieout, layer):
    done = tieout("run", "lost-responses", "--layer", layer, "--json", "--set", "business.contracts=40")

    document = only_document(done.out)
    assert_valid(document, RUN_DOCUMENT)
    assert document["layer"] == layer
    assert document["truth"]["contracts"] == 40
    assert document["breaks"]["open_at_close"] == sum(document["breaks"]["by_kind"].values())
    assert document["breaks"]["open_at_close"] == sum(document["breaks"]["by_cause"].values())
    assert document["breaks"]["open_at_close"] == sum(each["count"] for each in document["breaks"]["tally"])
    assert document["breaks"]["amount_minor"] == sum(each["amount_minor"] for each in document["breaks"]["tally"])
    assert (document["metrics"]["durable_writes"] > 0) == (layer != "point-to-point"), "it keeps nothing durable"
    counted = sum(entry["count"] for entry in document["calls"])
    assert counted == sum(document["metrics"]["api_calls"].values())
    assert counted < document["api_calls"], "the lead-in's calls are made, and not measured"


def test_the_document_of_a_run_with_a_cutover_tells_of_it(tieout):
    done = tieout("run", "cutover", "--json", "--set", "business.contracts=20", "--set", "cutover.overlap=90 min")

    document = only_document(done.out)
    assert_valid(document["cutover"], CUTOVER)
    assert document["layer"] == "point-to-point"
    assert document["cutover"] == {
        "to": "hybrid", "at": "2026-02-16T12:00-05:00", "at_s": document["cutover"]["at_s"], "overlap_s": 5_400,
    }  # fmt: skip


def test_a_comparison_is_one_document_as_promised(tieout):
    done = tieout("compare", *LOSSY, "--seeds", "2")

    document = only_document(done.out)
    assert_valid(document, COMPARE_DOCUMENT)
    layers = ["point-to-point", "process-orchestration", "event-driven"]
    assert list(document["layers"]) == layers
    assert list(document["differences"]) == [f"{one} vs {other}" for one, other in combinations(layers, 2)]
    assert document["seeds"] == 2
    assert document["complete"] is True
    assert [(run["seed"], run["layer"]) for run in document["runs"]] == [(s, layer) for s in (0, 1) for layer in layers]
    assert ["series" in run for run in document["runs"]] == [True] * 3 + [False] * 3


def test_means_and_differences_are_those_of_the_runs(tieout):
    done = tieout("compare", *LOSSY, "--seeds", "3")

    document = only_document(done.out)
    calls = {
        layer: [run["metrics"]["calls_per_contract"] for run in document["runs"] if run["layer"] == layer]
        for layer in document["layers"]
    }
    for layer, of_seeds in calls.items():
        told = document["layers"][layer]["calls_per_contract"]
        assert told["mean"] == pytest.approx(fmean(of_seeds))
        assert told["low"] < told["mean"] < told["high"]
    one, other = "process-orchestration", "event-driven"
    told = document["differences"][f"{one} vs {other}"]["calls_per_contract"]
    assert told["mean"] == pytest.approx(fmean(a - b for a, b in zip(calls[one], calls[other], strict=True)))


def test_one_seed_gives_means_without_bounds(tieout):
    done = tieout("compare", "calm-month", "--seed", "3", "--jobs", "1", "--layers", "event-driven", "--json", *SMALL)

    document = only_document(done.out)
    assert_valid(document, COMPARE_DOCUMENT)
    assert document["settings"]["seeds"] == [3]
    assert document["layers"]["event-driven"]["duplicates"] == {"mean": 0, "low": None, "high": None}


def test_the_document_printed_is_the_one_written(tieout, here):
    done = tieout("run", "calm-month", "--json", *SMALL)

    document = only_document(done.out)
    assert json.loads((here / document["run_dir"] / "run.json").read_text()) == document


def test_an_ablation_is_one_document_as_promised(tieout):
    done = tieout("ablate", *LOSSY, "--layer", "point-to-point:idempotency=key", "--seeds", "2", "--pairs")

    document = only_document(done.out)
    assert_valid(document, ABLATE_DOCUMENT)
    given, variants = document["layer"], [each["layer"] for each in document["safeguards"]]
    pair = "point-to-point:idempotency=none,attempts=1"
    assert given == "point-to-point:idempotency=key"
    assert sorted(variants) == ["point-to-point:idempotency=key,attempts=1", "point-to-point:idempotency=none"]
    assert [each["layer"] for each in document["pairs"]] == [pair]
    assert set(document["layers"]) == {given, *variants, pair}
    assert set(document["differences"]) == {f"{layer} vs {given}" for layer in (*variants, pair)}
    assert len(document["runs"]) == 2 * 4


def test_a_refusal_prints_no_document(tieout, here):
    done = tieout("run", "calm-mnth", "--json")

    assert (done.status, done.out) == (2, "")
    assert tree(here) == {}


def test_the_layers_are_one_document(tieout):
    document = only_document(tieout("layers", "--json").out)

    assert_valid(document, LAYERS_DOCUMENT)
    assert list(document) == list(BUILT_IN)
    for layer in document.values():
        assert all(option["default"] in option["choices"] for option in layer["options"].values())


def test_the_schema_of_scenarios_is_one_document(tieout):
    schema = only_document(tieout("scenarios", "schema").out)

    Draft7Validator.check_schema(schema)
    assert schema["properties"]["business"]
