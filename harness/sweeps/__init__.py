"""Sweeps: every place where one fault could strike tried in turn, instead of a few of them by chance.

`trial` is one run and what is wrong with its end; the others make trials: `crash_points` kills the layer after each
of its effects, `single_faults` loses each request and each answer and tells each event twice, `permutations` tells a
contract's events in every order, `swarm` draws whole profiles of faults, and `metamorphic` compares runs that must
agree. Each trial has the command that repeats it.
"""
