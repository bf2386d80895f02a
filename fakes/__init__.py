"""The systems of one company: CRM, billing, ERP and revenue, each a small state machine over typed records.

A *core* (`crm`, `billing`, `erp`, `revenue`) is plain state and plain rules: time is handed in, and what it has
to tell it writes down as `news`. `service` is every core's door, with idempotency keys and refusals. `company`
puts the cores on the network, and does what they do by themselves: bill runs, revenue runs, period closes.
`agreements` and `records` are the words they share, `lookup` finds their records; `books` is the accounting.
"""
