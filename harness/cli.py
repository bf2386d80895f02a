"""The command line: which commands there are, and how each ends."""

import shlex
import signal
import sys
import traceback
import warnings
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from types import FrameType
from typing import Any, NoReturn

import click

from harness import console
from harness.endings import AT_FAULT, HELD, INTERRUPTED, INVALID, SURROUNDINGS, RunFailed, Trouble
from harness.shadowing import shadowed
from scenarios.errors import ScenarioError

PROGRAM = "tieout"

COMMANDS: Mapping[str, tuple[str, str]] = {
    "run": ("harness.commands.run:command", "Run one layer through a scenario with one seed."),
    "compare": ("harness.commands.compare:command", "Run several layers with the same seeds, and compare them."),
    "conformance": ("harness.commands.conformance:command", "Hold a layer to what a layer can promise."),
    "serve": ("harness.commands.serve:command", "Serve the systems over HTTP, for an integration of any kind."),
    "ablate": ("harness.commands.ablate:command", "Run one layer without each of its safeguards in turn."),
    "explain": ("harness.commands.explain:command", "Tell how the breaks of a finished run came to be."),
    "hunt": ("harness.commands.hunt:command", "Search for a scenario that breaks a layer, and make it small."),
    "replay": ("harness.commands.replay:command", "Run again what a hunt has found, from its token."),
    "report": ("harness.commands.report:command", "Rebuild the report of a finished run or comparison."),
    "scenarios": ("harness.commands.scenarios:command", "The library, checking your own, the JSON Schema."),
    "layers": ("harness.commands.layers:command", "List the built-in layers, their promises and safeguards."),
    "hypotheses": ("harness.commands.hypotheses:command", "Measure on the simulator what theory predicts."),
    "validate": ("harness.commands.scenarios:check", "Check scenario files: the same as `scenarios check`."),
}
"""Where each command is, and its line of help: the simulation is not imported to list them."""


class Commands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS:
            near = get_close_matches(args[0], COMMANDS, n=1)
            ctx.fail(f"no such command {args[0]!r}{f': did you mean {near[0]}?' if near else ''}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="tieout", prog_name=PROGRAM)
def commands() -> None:
    """Run a company's quarter before the company does, and tie out the books.

    \b
    Examples:
      tieout compare quarter-end-spike
      tieout run billing-outage --layer point-to-point --seed 3
      tieout scenarios show lost-responses

    \b
    Exit status: 0 every expectation held; 1 one failed, or something got worse than in the baseline; 2 the
    command line, a scenario or a layer is invalid; 3 the run is at fault; 4 the surroundings are;
    5 (--strict) nothing was checked; 130 interrupted.
    """


def main() -> NoReturn:
    """Be the program `tieout`."""
    signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    console.keep_standard_output_for_data()
    console.write_what_can_be_written()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line; its exit status. Each trouble is told in one message on standard error.

    None has a traceback, but for an error in code: the layer's, or ours.
    """
    hidden = shadowed()
    if hidden:
        console.remark(f"{PROGRAM}: {hidden}")
        return SURROUNDINGS
    command = shlex.join([PROGRAM, *arguments])
    try:
        status = commands.main(list(arguments), PROGRAM, standalone_mode=False, obj=command)
    except (click.Abort, KeyboardInterrupt):
        status = _told("interrupted: nothing was written", INTERRUPTED)
    except Exception as error:
        status = _ended_by(error, command)
    return status if isinstance(status, int) else HELD


def _ended_by(error: Exception, command: str) -> int:
    """Say what ended a command; its exit status."""
    match error:
        case click.exceptions.NoArgsIsHelpError():
            console.remark(error.format_message())
            status = INVALID
        case click.UsageError():
            status = _told(_usage(error), INVALID)
        case ScenarioError():
            status = _told(str(error), INVALID)
        case RunFailed():
            status = _told(f"{error}\nreplay: {_replay(error, command)}", error.status, error.details)
        case Trouble():
            status = _told(str(error), error.status)
        case OSError():
            status = _told(f"cannot go on: {error}", SURROUNDINGS)
        case _:
            details = "".join(traceback.format_exception(error)).rstrip()
            status = _told(f"internal error: {error!r}: please report it, with the lines above", AT_FAULT, details)
    return status


def _told(message: str, status: int, details: str = "") -> int:
    """Say what is wrong, each line with the program's name before it; the status."""
    if details:
        console.remark(details)
    console.remark("\n".join(f"{PROGRAM}: {line}" for line in message.splitlines()))
    return status


def _usage(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else PROGRAM
    message = error.format_message().rstrip(".")
    return f"{message[:1].lower()}{message[1:]}; see {path} --help"


def _replay(failed: RunFailed, command: str) -> str:
    from reports.replay import replay_command  # noqa: PLC0415  # only a run that failed needs it

    run: Any = {"scenario": "", "layer": failed.layer, "seed": failed.seed}
    return replay_command(run, {"command": command})


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    # One that was about to be awaited never will be now.
    warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
    raise KeyboardInterrupt
