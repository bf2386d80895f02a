"""Each face under uvicorn beside a bare FastAPI app that validates the same body and answers a constant.

`measuring` has them asked by turns. Every request writes something new, which the core does: of the `generic` API, a
document is posted to the ERP, whose ledger grows with it; `stripe`, `salesforce` and `netsuite` say what of theirs.
"""

from benchmarks.faces import generic, netsuite, salesforce, stripe
from benchmarks.faces.measuring import LIVE_DOCUMENTS, Bench, Ratios, measure

BENCHES: tuple[Bench, ...] = (*generic.BENCHES, *stripe.BENCHES, *salesforce.BENCHES, *netsuite.BENCHES)

__all__ = ["BENCHES", "LIVE_DOCUMENTS", "Bench", "Ratios", "measure"]
