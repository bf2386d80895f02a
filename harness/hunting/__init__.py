"""Searching for a scenario that breaks a layer, and making it small.

`findings` says what a hunt looks for, `candidates` what it tries, `coverage` what a run has come to that none had
before, `search` the loop over them, `shrink` how what was found becomes small, and `trophy` what is kept of it.
"""
