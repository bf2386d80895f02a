"""What happens: the business, its calendar, the systems' manners, and the faults, from one YAML file.

`load` reads a file or a library name, `schema` says what may stand in it, `compile` turns it into values of the
simulation, and `workload` draws up the commercial `truth` from it and a seed.
"""
