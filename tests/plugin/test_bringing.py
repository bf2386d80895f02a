"""Layers brought as objects: classes, apps and functions, in this process and on others."""

import re

import pytest

PROGRAMS = """
import sys

from programs import app, poll, seen, wsgi

@pytest.mark.parametrize("layer", [app, wsgi, poll, "programs:app"], ids=["asgi", "wsgi", "function", "name"])
def test_it(tieout, layer):
    result = tieout.run("calm-month", layer=layer, seed=1, set=SMALL)
    assert result.layer.startswith("programs:")
    assert result.missing > 0
    assert not seen, "each run has modules of its own"
    assert sys.modules["programs"].app is app and sys.modules[__name__].app is app
"""
APPS = """
seen = []

async def app(scope, receive, send):
    if scope["type"] == "http":
        seen.append(scope["path"])
        assert seen.count(scope["path"]) == len([path for path in seen if path == scope["path"]])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

def wsgi(environ, start_response):
    seen.append(environ["PATH_INFO"])
    start_response("200 OK", [])
    return [b""]

def poll():
    import time
    seen.append("polled")
    time.sleep(3600)
"""


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_programs_are_brought_as_they_are_or_by_name(project, workers):
    (project.folder / "programs.py").write_text(APPS)
    project.test(PROGRAMS)

    assert set(project.cases(*workers).values()) == {"passed"}


def test_a_program_that_no_module_holds_is_started_once(project):
    project.test('''
def made():
    told = []
    async def app(scope, receive, send):
        if scope["type"] == "http":
            told.append(scope["path"])
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})
    return app, told

def test_it(tieout):
    app, told = made()
    first = tieout.run("calm-month", layer=app, set=SMALL)
    assert told
    with pytest.raises(Exception, match="app cannot be started again with nothing in memory"):
        tieout.run("calm-month", layer=app, set=SMALL)
    assert tieout.run("calm-month", layer=made()[0], set=SMALL).fingerprint == first.fingerprint
''')  # fmt: skip
    project.pytest()


SEEDS = """
class Named(OrderSync):
    pass

def local():
    class Local(OrderSync):
        pass
    return Local

@pytest.mark.tieout(scenario="lost-responses", layer=Named, seeds=2, set=SMALL)
def test_named(tieout_result):
    print("seen", tieout_result.layer, tieout_result.seed, tieout_result.fingerprint)

@pytest.mark.tieout(scenario="lost-responses", layer=local(), seeds=2, set=SMALL)
def test_local(tieout_result):
    print("seen", tieout_result.layer, tieout_result.seed, tieout_result.fingerprint)

@pytest.mark.tieout(scenario="no-such-thing", layer=Named, seeds=1, set=SMALL)
def test_mistaken(): ...
"""


def seen(out):
    return sorted(re.findall(r"seen (.*)", out))


def test_jobs_change_nothing_but_where_runs_are_made(project):
    project.test(SEEDS)
    one, two = (project.pytest("-s", f"--tieout-jobs={jobs}", "--tieout-failures=kept", status=1) for jobs in (1, 2))

    assert seen(one.out) == seen(two.out)
    assert len(seen(one.out)) == 4
    remark = "Local is run in this process: it is at the top of no module that another can import"
    assert remark in two.out
    assert remark not in one.out
    assert one.out.count("no such file or scenario") == two.out.count("no such file or scenario") > 0


def test_an_error_on_another_process_is_told_as_in_this_one(project):
    project.test('''
class Broken(OrderSync):
    def endpoints(self):
        raise RuntimeError("no such thing")

@pytest.mark.tieout(scenario="calm-month", layer=Broken, seeds=2, set=SMALL)
def test_it(): ...
''')  # fmt: skip
    out = project.pytest("--tieout-jobs=2", status=1).out

    assert out.count("the run was ended by RuntimeError: no such thing") >= 2
    assert "in endpoints\n    raise RuntimeError" in out
    assert "--layer test_it:Broken --seed 1" in out
