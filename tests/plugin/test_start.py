"""Who does not use the plugin does not notice it."""

LOADED = """
import sys

def test_it():
    loaded = {name.partition(".")[0] for name in sys.modules}
    assert not loaded & {"simpy", "pydantic", "yaml", "numpy", "duckdb", "matplotlib", "fastapi", "click", "faker"}
    assert not loaded & {"sim", "fakes", "scenarios", "reports"}
    assert sorted(name for name in sys.modules if "harness" in name) == ["harness", "harness.pytest_plugin"]
"""


def test_nothing_is_imported_beside_the_plugin_itself(project):
    (project.folder / "test_plain.py").write_text(LOADED)
    out = project.pytest("-q").out

    assert out.splitlines()[0].startswith(". ")
    assert "tieout" not in out


COST = """
import time, pytest
began = time.process_time()
import harness.pytest_plugin
print(time.process_time() - began)
"""


def test_it_costs_less_than_50_ms(project):
    assert min(float(project.python("-c", COST).stdout) for _ in range(3)) < 0.05


def test_the_plugin_is_found_by_its_entry_point_and_can_be_left_out(project):
    (project.folder / "test_plain.py").write_text("def test_it(): ...\n")
    assert "--tieout-seeds=N" in project.pytest("--help").out.replace("--tieout-seeds N", "--tieout-seeds=N")
    assert "@pytest.mark.tieout(scenario" in project.pytest("--markers").out
    done = project.python("-m", "pytest", "-p", "no:tieout", "--help", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")

    assert "--tieout-seeds" not in done.stdout
