"""Programs of a user's own as a layer: told by webhook or polling, in any of the shapes that there are, unchanged."""

import sys
from textwrap import dedent

import pytest

from harness.endings import LayerError
from harness.layers import choose
from harness.replication import replicate
from scenarios.load import load

EXAMPLE = "examples.fastapi_httpx.integration:app"


def run(layer, *said, contracts=10, seed=0, scenario="calm-month"):
    return replicate(load(scenario, [f"business.contracts={contracts}", *said]), layer, seed)


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Writes a module of this source, of a name of its own, where modules are found."""
    written = []

    def write(source):
        name = f"program_{tmp_path.name.replace('-', '_')}_{len(written)}"
        (tmp_path / f"{name}.py").write_text(dedent(source))
        written.append(name)
        return name

    monkeypatch.syspath_prepend(tmp_path)
    yield write
    for name in written:
        sys.modules.pop(name, None)


def test_an_asgi_app_ties_a_month_out():
    done = run(EXAMPLE)

    assert done.audit.breaks == ()
    assert done.document["missing"]["orders"] == 0 and done.document["truth"]["contracts"] >= 10
    assert done.document["metrics"]["event_lag"]["never_share"] == 0
    assert not done.document["remarks"]


def test_the_same_seed_is_the_same_run_also_with_chance_in_the_program():
    said = "faults=[{kind: lost_response, system: erp, share: 0.2}, {kind: lost_request, system: billing, share: 0.1}]"
    first, again, other = (run(EXAMPLE, said, seed=seed) for seed in (1, 1, 2))

    assert first.document["fingerprint"] == again.document["fingerprint"] != other.document["fingerprint"]
    assert first.audit.breaks == () and first.simulation.wire.struck


def test_every_call_has_the_event_for_cause_that_it_is_made_for():
    done = run(EXAMPLE)
    calls = list(done.simulation.trace.rows("calls"))

    assert calls and all(cause for _, cause, operation, *_ in calls if not operation.endswith("token"))


WSGI = """
    import json, urllib.request

    told = []

    def app(environ, start_response):
        event = json.loads(environ["wsgi.input"].read())
        source = environ["PATH_INFO"].rpartition("/")[2]
        if event["type"] == "tieout.crm.account_opened":
            account = event["data"]
            body = {"account": account["key"], "name": account["name"]}
            request = urllib.request.Request(
                "https://billing.tieout.test/customers", json.dumps(body).encode(), {
                    "authorization": "Bearer sk_test_tieout", "content-type": "application/json",
                    "idempotency-key": event["id"],
                })
            with urllib.request.urlopen(request) as answer:
                told.append(answer.status)
        start_response("204 No Content", [])
        return []
"""


def test_a_wsgi_app_may_wait_in_place(program):
    done = run(f"{program(WSGI)}:app")

    customers = done.simulation.company.billing.customers.all
    accounts = done.expected.accounts
    assert {customer.account for customer in customers.values()} == set(accounts)
    assert done.document["duplicates"]["customers"] == 0


STRIPE_APP = """
    import json, stripe

    told = []

    def app(environ, start_response):
        body, path = environ["wsgi.input"].read(), environ["PATH_INFO"]
        status = "204 No Content"
        if path == "/webhooks/stripe":
            event = stripe.Webhook.construct_event(
                body, environ["HTTP_STRIPE_SIGNATURE"], "whsec_dGllb3V0LXNpZ25pbmctc2VjcmV0"
            )
            told.append((event.type, event.id))
            if event.type == "customer.created":
                status = "500 Internal Server Error"  # for good
        elif json.loads(body)["type"] == "tieout.crm.account_opened":
            stripe.StripeClient("sk_test_tieout").v1.customers.create({"name": "Acme"})
        start_response(status, [])
        return []
"""


def test_of_what_it_does_with_stripe_it_is_told_by_webhook_and_told_again(program):
    name = program(STRIPE_APP)
    done = run(f"{name}:app:billing=stripe", contracts=3)

    told = [id_ for type_, id_ in sys.modules[name].told if type_ == "customer.created"]
    made = [one for one in done.simulation.company.billing.customers.all.values() if one.name == "Acme"]
    assert made and len(set(told)) == len(made) < len(told)


POLLER = """
    import time, requests

    BEARER = {"authorization": "Bearer sk_test_tieout"}

    def worker():
        seen = 0
        while True:
            time.sleep(3600)
            answer = requests.get("https://crm.tieout.test/stream", headers=BEARER, timeout=30)
            changes = answer.json()["data"]
            for change in changes[seen:]:
                if change["type"].endswith("account_opened"):
                    body = {"account": change["key"], "name": change["data"]["name"], "external_id": change["key"]}
                    requests.post("https://erp.tieout.test/customers", json=body, headers=BEARER, timeout=30)
            seen = len(changes)
"""


def test_a_worker_polls_as_long_as_the_run_lasts(program):
    done = run(f"{program(POLLER)}:worker", contracts=5)

    customers = {customer.account for customer in done.simulation.company.erp.customers.all.values()}
    assert customers == set(done.expected.accounts)
    created = [row for row in done.simulation.trace.rows("calls") if row[2].endswith("upsert_customer")]
    assert created and all(cause for _, cause, *_ in created)  # by the key of the account that it is about


COUNTING = """
    started = []

    async def app(scope, receive, send):
        if scope["type"] == "http":
            started.append(scope["path"])
            print("told", len(started))
            assert len(started) < 4, "remembers what it should have forgotten"
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})
"""


def test_after_a_crash_it_starts_with_nothing_in_memory(program, capsys):
    name = program(COUNTING)
    once = run(f"{name}:app", contracts=5)
    again = run(f"{name}:app", "faults=[{kind: crash, every: 6 h, down: 1 s}]", contracts=5)

    assert any("remembers what it should have forgotten" in remark for remark in once.document["remarks"])
    assert again.simulation.faults[0].hits > 50
    assert len(again.document["remarks"]) <= len(once.document["remarks"])
    assert capsys.readouterr().out == ""


LIVES = """
    import asyncio, requests, threading

    BEARER = {"authorization": "Bearer sk_test_tieout"}

    def ask():
        requests.get("https://crm.tieout.test/customers", params={"account": "A"}, headers=BEARER, timeout=30)

    def in_threads():
        stop = threading.Event()
        def poll():
            while not stop.wait(3600):
                ask()
        threading.Thread(target=poll).start()

    def in_a_loop():
        async def poll():
            while True:
                await asyncio.sleep(3600)
                await asyncio.to_thread(ask)
        asyncio.run(poll())
"""


@pytest.mark.parametrize("worker", ["in_threads", "in_a_loop"])
def test_a_crash_ends_all_that_a_worker_has_begun(program, worker):
    name = program(LIVES)
    once = run(f"{name}:{worker}", contracts=1).simulation.wire.calls
    crashing = run(f"{name}:{worker}", "faults=[{kind: crash, every: 2 d, down: 1 s}]", contracts=1)

    assert crashing.simulation.faults[0].hits > 10
    assert 0 < crashing.simulation.wire.calls <= once  # each life polls alone


TWO_FACED = """
    import requests, stripe

    def worker():
        named = {"name": "Acme", "metadata": {"account": "A-X"}}
        made = stripe.StripeClient("sk_test_tieout").v1.customers.create(named)
        bearer = {"authorization": "Bearer sk_test_tieout"}
        body = {"account": "A-Y", "name": "Other"}
        other = requests.post("https://billing.tieout.test/customers", json=body, headers=bearer, timeout=30)
        again = stripe.StripeClient("sk_test_tieout").v1.customers.retrieve(made.id)
        assert (again.name, other.json()["account"]) == ("Acme", "A-Y")
"""


def test_a_system_answers_as_each_product_that_it_is(program):
    done = run(f"{program(TWO_FACED)}:worker", contracts=2)

    accounts = {customer.account for customer in done.simulation.company.billing.customers.all.values()}
    assert {"A-X", "A-Y"} <= accounts and not done.document["remarks"]


ASTRAY = """
    import httpx

    async def app(scope, receive, send):
        if scope["type"] == "http":
            async with httpx.AsyncClient() as client:
                await client.get("https://metrics.example.com/")
"""


def test_who_asks_for_another_host_is_told_and_so_is_the_reader(program):
    done = run(f"{program(ASTRAY)}:app", contracts=2)

    remarks = "\n".join(done.document["remarks"])
    assert "asked for metrics.example.com" in remarks and "crm.tieout.test" in remarks
    assert "raised ConnectError" in remarks


@pytest.mark.parametrize("source", ["app = 3", "def app(one): ...", "class app: ...", "def app(a, b, c, d): ..."])
def test_what_cannot_be_run_is_refused(program, source):
    with pytest.raises(LayerError, match=r"neither a subclass of .* nor an ASGI app"):
        choose(f"{program(source)}:app")


def test_a_product_that_there_is_not_is_refused():
    with pytest.raises(LayerError, match="billing is one of generic"):
        choose(f"{EXAMPLE}:billing=strip")
