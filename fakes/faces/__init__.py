"""Faces: the systems as HTTP APIs, each in the words of somebody's product over the same cores.

A face has paths, bodies, codes and events, and no rule of the business; a core has the rules and nobody's words. It is
one FastAPI app, which answers the same whether it is called in place (`calling`), through the simulated network, or
under uvicorn. `face` says what every face is. A further product is a folder here, which says its SYSTEM and HOSTS and
whose `face` has `make`, and its tests: nothing else has to know of it.
"""
