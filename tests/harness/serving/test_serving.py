"""A served world over real HTTP: it answers, tells, is switched, audited, reset and stopped."""

import asyncio
import time

import httpx
import pytest

from fakes.names import SYSTEMS
from harness.endings import Surroundings
from harness.serving.listening import bound
from harness.serving.opening import Place
from tests.harness.serving.served import SMALL, Integration, served

DAY_S = 86_400


def run(test):
    return asyncio.run(test)


def test_a_stepped_clock_stands_but_for_what_calls_take():
    async def test():
        async with served() as client:
            before = (await client.state())["clock"]["now_s"]
            answer = await client.customer("ACC-1")
            await asyncio.sleep(0.05)
            after = (await client.state())["clock"]["now_s"]

            assert before == 0
            assert answer.status_code == 200
            assert 0 < answer.json()["at_us"] / 1e6 < after < 60

    run(test())


def test_a_stepped_clock_is_moved_on_by_a_span_and_to_a_date_and_not_back():
    async def test():
        async with served() as client:
            assert (await client.advance(by="1 d"))["now_s"] == DAY_S
            assert (await client.advance(to="2026-01-05T00:00:00"))["now"] == "2026-01-05T00:00:00.000-05:00"
            for wrong in (
                {"to": "2026-01-02T00:00:00"},
                {"by": "1000 d"},
                {},
                {"by": "1 d", "to": "x"},
                {"by": "soon"},
            ):
                answer = await client.tell("/clock/advance", wrong)
                assert answer.status_code == 400, answer.text
            assert (await client.tell("/clock/advance", {"days": 1})).status_code == 422

    run(test())


def test_a_clock_that_goes_by_itself_goes_as_fast_as_it_was_told_to():
    async def test():
        async with served(mode="accelerated", speed=3_600) as client:
            first, wall_s = (await client.state())["clock"]["now_s"], time.monotonic()
            await asyncio.sleep(0.5)
            passed_s, wall_s = (await client.state())["clock"]["now_s"] - first, time.monotonic() - wall_s

            assert passed_s == pytest.approx(3_600 * wall_s, rel=0.15)
            assert (await client.tell("/clock/advance", {"by": "1 d"})).status_code == 409

    run(test())


def test_in_real_time_a_call_takes_as_long_as_the_scenario_says():
    slow = SMALL + "systems: {billing: {service: {median: 0.2 s, sigma: 0.1}, latency: {median: 0.05 s, sigma: 0.1}}}\n"

    async def test():
        async with served(slow, mode="real") as client:
            began = time.monotonic()
            await asyncio.gather(*(client.customer(f"ACC-{number}") for number in range(3)))

            assert time.monotonic() - began > 0.1

    run(test())


def test_events_are_told_by_webhook_and_time_waits_until_they_are_dealt_with():
    integration = Integration()

    async def test():
        async with integration.listening() as url, served(url=url) as client:

            async def create(told):
                if told["type"] == "account_opened":
                    await asyncio.sleep(0.005)
                    await client.customer(told["key"], **{"idempotency-key": told["key"]})

            integration.work = create
            await client.advance(to="2026-01-10T00:00:00")
            state = await client.state()

            opened = [told for told in integration.told if told["type"] == "account_opened"]
            assert opened and all(told["path"] == "/webhooks/plain-crm" for told in opened)
            assert state["requests"]["plain-billing"]["ok"] == len(opened)
            crm = state["deliveries"]["crm"]
            assert crm["delivered"] == crm["emitted"] > 0 == crm["pending"]
            wall_us = time.time() * 1e6 - 1767243600e6  # 2026-01-01 in New York
            assert abs(int(opened[0]["headers"]["webhook-at"]) - wall_us) < 60e6

    run(test())


def test_what_is_not_acknowledged_is_told_again_on_the_sources_schedule():
    integration = Integration()
    integration.answers = lambda told: 500 if len(integration.told) < 3 else 200

    async def test():
        async with integration.listening() as url, served(url=url) as client:
            while not integration.told:
                await client.advance(by="1 h")
            first = integration.told[0]
            assert (await client.state())["webhooks"]["failed"] > 0
            await client.advance(by="2 d")

            assert [told for told in integration.told[1:] if told["key"] == first["key"]]
            assert (await client.state())["deliveries"]["crm"]["pending"] == 0

    run(test())


def test_an_unreachable_integration_is_a_failed_delivery_and_no_error():
    async def test():
        (nobody,) = bound("127.0.0.1", 0, 1)
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        nobody.close()
        async with served(url=url) as client:
            await client.advance(by="9 d")
            state = await client.state()

            assert state["webhooks"]["failed"] > 0 == state["webhooks"]["accepted"]
            assert state["webhooks"]["last_trouble"]
            assert state["deliveries"]["crm"]["given_up"] + state["deliveries"]["crm"]["pending"] > 0

    run(test())


def test_a_fault_is_switched_on_and_off_while_time_runs():
    async def test():
        async with served() as client:
            on = (await client.tell("/faults", {"kind": "outage", "system": "billing"})).json()
            with pytest.raises(httpx.RemoteProtocolError):
                await client.customer("ACC-1")
            off = (await client.tell("/faults", {"name": on["name"], "on": False})).json()

            assert on["active"] and not off["active"] and off["hits"] == 1
            assert (await client.customer("ACC-1")).status_code == 200
            (listed,) = (await client.http.get(f"{client.control}/faults")).json()
            assert listed == off

    run(test())


def test_a_lost_answer_is_a_closed_connection_and_the_work_is_done():
    async def test():
        async with served() as client:
            known = int((await client.customer("ACC-0")).json()["id"].rpartition("-")[2])
            await client.tell("/faults", {"kind": "lost_response", "system": "billing", "share": 1})
            with pytest.raises(httpx.RemoteProtocolError):
                await client.customer("ACC-1")
            await client.tell("/faults", {"name": "lost response of billing", "on": False})

            first = (await client.customer("ACC-1")).json()["id"]
            assert int(first.rpartition("-")[2]) == known + 2
            assert (await client.state())["requests"]["plain-billing"]["unanswered"] == 1

    run(test())


def test_an_outage_that_ends_early_lets_go_of_the_events_that_waited():
    integration = Integration()

    async def test():
        async with integration.listening() as url, served(url=url) as client:
            await client.tell("/faults", {"kind": "outage", "system": "crm", "for": "20 d"})
            await client.advance(by="9 d")
            assert not integration.told
            await client.tell("/faults", {"name": "outage of crm", "on": False})
            await client.advance(by="1 h")

            assert integration.told

    run(test())


def test_a_fault_that_cannot_be_switched_is_refused_and_changes_nothing():
    wrong = [
        ({"name": "nothing", "on": True}, "no fault 'nothing'"),
        ({"kind": "outage"}, "system"),
        ({"kind": "outage", "system": "projects"}, "no projects"),
        ({"kind": "stale_index", "system": "erp"}, "in the scenario from the start"),
        ({"kind": "crash"}, "in the scenario from the start"),
        ({"kind": "outage", "system": "erp", "from": "2026-01-03T00:00"}, "drop `from`"),
        ({"name": "nothing"}, "on: Field required: to switch a fault say its name"),
        ({"name": 5, "on": True}, "name: Input should be a valid string: to switch a fault say its name"),
        ({}, "a new one says its kind and its system"),
    ]

    async def test():
        async with served() as client:
            for said, why in wrong:
                answer = await client.tell("/faults", said)

                assert answer.status_code == 400
                assert why in answer.json()["detail"]
            assert (await client.state())["faults"] == []

    run(test())


def test_the_audit_as_of_now_says_what_is_missing_by_now_and_no_more():
    async def test():
        async with served() as client:
            first = (await client.tell("/audit")).json()
            await client.advance(by="10 d")
            second = (await client.tell("/audit")).json()

            assert first["breaks"]["open_at_close"] == 0
            assert second["breaks"]["by_kind"]["missing_downstream"] > 0
            opened = (await client.state())["backlog"]["erp"]["events"]
            assert 0 < second["missing"]["customers"] <= opened
            assert second["unexplained_minor"] == 0

    run(test())


def test_what_has_just_happened_is_a_timing_difference():
    async def test():
        async with served() as client:
            found = {"count": 0}
            for _ in range(300):
                await client.advance(by="1 h")
                found = (await client.tell("/audit")).json()["timing_differences"]
                if found["count"]:
                    break

            assert found["count"]

    run(test())


def test_asking_for_the_audit_and_the_report_changes_nothing():
    async def test():
        async with served() as client:
            await client.advance(by="12 d")
            audit = (await client.tell("/audit")).json()
            page = await client.http.get(f"{client.control}/report")
            document = (await client.http.get(f"{client.control}/report.json")).json()

            assert page.status_code == 200 and "<html" in page.text
            assert document["breaks"]["by_kind"] == audit["breaks"]["by_kind"]
            assert (await client.tell("/audit")).json() == audit

    run(test())


def test_a_reset_world_is_at_its_first_instant_and_has_forgotten_everything():
    async def test():
        async with served() as client:
            first = (await client.customer("ACC-1")).json()
            await client.tell("/faults", {"kind": "throttling", "system": "erp", "per_minute": 1})
            await client.advance(by="3 d")
            await client.tell("/reset")
            state = await client.state()

            assert state["clock"]["now_s"] == 0
            assert state["faults"] == []
            assert (await client.customer("ACC-1")).json() == first

    run(test())


def test_the_control_plane_wants_its_token_and_no_other_pages_requests():
    async def test():
        async with served(place=Place(token="open sesame")) as client:
            bare = {"authorization": ""}
            assert (await client.http.get(f"{client.control}/state", headers=bare)).status_code == 401
            assert (await client.http.get(f"{client.control}/state?token=wrong", headers=bare)).status_code == 401
            assert (await client.http.get(f"{client.control}/?token=open sesame", headers=bare)).status_code == 200
            assert (await client.http.get(f"{client.control}/state")).status_code == 200
            elsewhere = {"origin": "https://elsewhere.example"}
            assert (await client.http.post(f"{client.control}/reset", headers=elsewhere)).status_code == 403

    run(test())


def test_over_tls_a_client_needs_the_ca_file_and_nothing_else():
    async def test():
        async with served(place=Place(tls=True)) as client:
            assert client.control.startswith("https://")
            assert (await client.customer("ACC-1")).status_code == 200
            with pytest.raises(httpx.ConnectError):
                async with httpx.AsyncClient(trust_env=False) as stranger:
                    await stranger.get(f"{client.control}/state")

    run(test())


def test_a_port_that_is_taken_is_a_trouble_of_the_surroundings():
    taken = bound("127.0.0.1", 0, 1)

    async def test():
        async with served(place=Place(port=taken[0].getsockname()[1])):
            pass

    with pytest.raises(Surroundings, match="--port"):
        run(test())
    taken[0].close()


def test_every_system_has_a_face_at_a_port_of_its_own():
    async def test():
        async with served() as client:
            faces = client.said["faces"].values()

            assert {face["system"] for face in faces} == set(SYSTEMS) - {"projects"}
            assert len({face["base_url"] for face in faces}) == len(faces)
            assert client.said["schema"] == "tieout.serve/1"

    run(test())
