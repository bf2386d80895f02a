"""The layers that promise to do everything once, and all of it in the end. Whoever promises it too, joins here.

Batches run seldom here, so that faults come between two of them.
"""

CORRECT = ("process-orchestration", "event-driven", "canonical-hub", "hybrid:every=4h", "managed-batch:every=24h")
