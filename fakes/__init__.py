"""The systems of one company: CRM, billing, ERP and revenue, each a small state machine over typed records.

A *core* (`crm`, `billing`, `erp`, `revenue`) is plain state and plain rules: time is handed in, and what it has
to tell it writes down as `news`. `service` is every core's door, with idempotency keys and refusals. `system` puts a
core on the network; `company` has them all, and does what they do by themselves: bill runs, revenue runs, period
closes. `names` says which systems there can be.
`agreements` and `records` are the words they share, `lookup` finds their records; `books` is the accounting.
"""
