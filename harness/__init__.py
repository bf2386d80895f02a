"""Drives an integration layer through a simulated quarter, ties out the books, measures, and judges.

`layer` says what a layer is, `patterns` are the built-in ones, made of `blocks`. `simulation` runs one;
`oracle` knows what must come out, `audit` finds every difference, `metrics` measures, `laws` and `invariants`
watch that the simulated world keeps its own rules. `replication` puts one run together, `comparison` several.
"""
