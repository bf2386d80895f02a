"""Ties a run's books out against the oracle: every difference found once, named, priced and given a cause.

A chain of matches, document by document, from the truth down to the ledger: customers and contracts against
the systems' copies (`customers`, `copies`), charges against billing's documents (`invoices`), documents against
receivables and the revenue engine (`receivables`, `billed`), earned revenue against recognitions
(`recognitions`), recognitions against the ledger (`journals`). Each link reports what its own step did wrong,
with the ledger cells that it put off; nothing is netted before it is matched. `reconciliation` then takes the
effective-date book from the posting-date book, cell by cell, and what the breaks do not explain is
`unexplained`. `causes` names the fault that did it. `statements` has the financial statements of both books side by
side; what is `posted` by contract and customer is the ledger's.
"""

from harness.audit.audit import Audit, CutOff, audit
from harness.audit.books import Books
from harness.audit.breaks import Break, Strike

__all__ = ["Audit", "Books", "Break", "CutOff", "Strike", "audit"]
