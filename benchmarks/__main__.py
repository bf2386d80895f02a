"""`python -m benchmarks`: prints each figure with its bound; exits with 1 if one is not kept. `faces`: those alone."""

import sys

from benchmarks import call_path, faces, quarter, small

LAYER = "event-driven"
TOLD = ("event-driven", "process-orchestration", "canonical-hub")
READING = ("managed-batch", "hybrid")
"""Layers that are told of events: 20 runs a second, be they of a month or a week. And layers that read at fixed times,
whose runs take as long as their calendar: 20 weeks a second."""


def main(only: str | None = None) -> int:
    """Measure all, or only the `faces`, print all, and say whether all bounds are kept."""
    kept = True

    def figure(name: str, value: float, bound: float | None, *, at_most: bool, unit: str = "") -> None:
        nonlocal kept
        if bound is None:
            sys.stdout.write(f"      {name}: {value:.3g}{unit} (no bound)\n")
            return
        held = value <= bound if at_most else value >= bound
        kept &= held
        relation = "at most" if at_most else "at least"
        sys.stdout.write(f"{'ok  ' if held else 'MISS'}  {name}: {value:.3g}{unit} ({relation} {bound:g}{unit})\n")
        sys.stdout.flush()

    for bench in faces.BENCHES:
        served, bound = faces.measure(bench), None if bench.much_done else 0.9
        figure(f"{bench.name}: requests/s over a bare FastAPI app's", served.bare, bound, at_most=False)
        figure(f"{bench.name}: the same by processor time", served.busy, bound, at_most=False)
        if served.by_hand is not None:
            figure(f"{bench.name}: over an app that reads the form by hand", served.by_hand, bound, at_most=False)
        figure(f"{bench.name}: over one with 10,000 documents", served.slowdown, 1.2, at_most=True)
    if only == "faces":
        return 0 if kept else 1
    if sorted(call_path.ours(8_000)[0]) != sorted(call_path.plain(8_000)[0]):
        sys.stdout.write("MISS  the two ways of making a call do not give the same answers\n")
        return 1
    call = call_path.measure()
    figure("one API call over plain SimPy", call["ratio"], 0.25, at_most=True)
    for layer in TOLD:
        figure(f"runs/s of a month with {small.CONTRACTS} contracts, {layer}", small.per_s(layer), 20, at_most=False)
    for layer in READING:
        days = small.DAYS * small.per_s(layer, 10)
        figure(f"simulated days/s with {small.CONTRACTS} contracts, {layer}", days, 20 * 7, at_most=False)
    few = quarter.measure(2_000, LAYER, rounds=3)
    large = quarter.measure(20_000, LAYER, rounds=3)
    figure(f"kernel events/s over the bare ring, 20,000 contracts, {LAYER}", large.ratio, 0.2, at_most=False)
    growth = large.per_contract_in_ring_events / few.per_contract_in_ring_events
    figure("cost of a contract at 20,000 over that at 2,000", growth, 1.3, at_most=True)
    figure("peak memory at 20,000 contracts", quarter.peak_memory_mb(), 1_000, at_most=True, unit=" MB")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
