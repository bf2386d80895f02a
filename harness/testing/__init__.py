"""Runs in tests: what the pytest plugin does once a test asks for a run. Nothing but `items` knows of pytest.

`asked` is what a test asks for, `brought` the layer in it, by name or as the object itself. `performing` makes the
runs, `runner` does so for one test; `outcome` is what a test is given of one, `telling` what a failure says, `chosen`
which break it tells of. `kept` keeps examples that failed, `sometimes` judges what one run of several must have come
to, `for_ci` collects what CI is told.
"""
