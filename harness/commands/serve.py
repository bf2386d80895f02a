"""`tieout serve`: a scenario's systems over HTTP."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from harness import console
from harness.commands.options import PATH, SEED, scenario_of
from harness.endings import Invalid

DEFAULT_SPEED = 3_600


@click.command("serve")
@click.argument("scenario")
@click.option("--seed", type=SEED, envvar="TIEOUT_SEED", show_envvar=True, help="The seed. Default: the scenario's.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override a scenario field. Repeatable.")
@click.option(
    "--faces", default="", metavar="SYSTEM=PRODUCT,…", help="Which system is which product. Default: generic for each."
)
@click.option(
    "--clock",
    "mode",
    type=click.Choice(["accelerated", "real", "manual"]),
    default="accelerated",
    show_default=True,
    help="How virtual time passes; manual: moved on by POST /_tieout/clock/advance alone.",
)
@click.option(
    "--speed",
    type=click.IntRange(1, 1_000_000),
    help=f"With --clock accelerated: virtual seconds a second. Default: {DEFAULT_SPEED}.",
)
@click.option("--webhook-url", metavar="URL", help="Tell of events by POST to URL/webhooks/<product or system>.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; wider needs --control-token.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=0, help="Of the control plane; the faces' follow. Default: any."
)
@click.option(
    "--control-token", envvar="TIEOUT_CONTROL_TOKEN", show_envvar=True, help="What the control plane asks for."
)
@click.option("--tls", is_flag=True, help="Serve https; the certificates' authority is written to a file.")
@click.option("--state", type=PATH, metavar="FILE", help="Keep all that comes in, and go on from there when restarted.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line once listening, instead of text.")
@click.option("--quiet", is_flag=True, help="No remarks.")
def command(
    scenario: str,
    seed: int | None,
    overrides: tuple[str, ...],
    faces: str,
    mode: Any,
    speed: int | None,
    webhook_url: str | None,
    host: str,
    port: int,
    control_token: str | None,
    tls: bool,
    state: Path | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Serve the systems of SCENARIO over HTTP, for an integration in any language, until stopped.

    The business goes on by itself, on a clock that is faster than the wall's, or stands until it is moved on. The
    integration calls the faces, and is told of events by webhook; the control plane has a page to watch, the
    audit, the report, and switches for faults.

    \b
    Examples:
      tieout serve billing-outage --webhook-url http://127.0.0.1:8000
      tieout serve two-contracts --clock manual --faces crm=salesforce,billing=stripe --json
    """
    from harness.serving.listening import is_loopback  # noqa: PLC0415  # slow, and bad input need not wait
    from harness.serving.opening import Place, serve, told  # noqa: PLC0415
    from harness.serving.plan import Plan, products_of  # noqa: PLC0415
    from harness.serving.session import Manner  # noqa: PLC0415

    if speed is not None and mode != "accelerated":
        raise Invalid(f"--speed is for --clock accelerated, and this one is {mode}: drop one of the two")
    if not is_loopback(host) and not control_token:
        raise Invalid(f"--host {host} can be reached from elsewhere: give a --control-token, too")
    loaded = scenario_of(scenario, overrides)
    fast = speed or DEFAULT_SPEED if mode == "accelerated" else 1
    plan = Plan(
        loaded,
        loaded.seed if seed is None else seed,
        products_of(loaded, faces),
        told=webhook_url is not None,
        patience=fast,
    )
    manner = Manner(mode, fast, _url(webhook_url), state)
    place = Place(host, port, tls, control_token)

    def announce(said: dict[str, Any]) -> None:
        console.output(json.dumps(said) if as_json else told(said))

    if not quiet:
        console.remark(f"{loaded.name}, seed {plan.seed}: drawing up the business …")
    return asyncio.run(serve(plan, manner, place, announce))


def _url(said: str | None) -> str | None:
    """The webhooks' URL, if it is one. Raises Invalid."""
    if said is None:
        return None
    parts = urlsplit(said)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise Invalid(
            f"--webhook-url: {said!r} is no URL to tell of events at: write for example http://127.0.0.1:8000"
        )
    return said
