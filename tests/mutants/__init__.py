"""Planted bugs: layers that are correct but for one small mistake, of the kind that engineers make.

Each is made from a correct layer, of which it is a subclass or which is put together anew from the same blocks, so that
the bug is the only difference; the product knows of none of them. BUGS says of each what it must lead to, and why.
They are what `tieout hunt` has to find, and `tieout explain` to explain.
"""

from dataclasses import dataclass

from harness.audit.breaks import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """A planted bug: `layer` as `--layer` takes it, and the correct layer that it is `made_from`.

    `breaks` are the kinds of which one must be found, the first the plainest. `causes` are what an explanation may name
    of them: the kind of fault that brought the bug out, whichever it was, or `layer` where the layer needs none.
    `mistakes` are what it must say that the layer did wrong, by the words of `harness.explain.mistakes`: the first in
    the bug's trial by hand; one of the others where another fault has the same bug show in another way.
    `safeguard` would have prevented it: a switch of the built-in layers, or in words where there is no such switch.
    """

    name: str
    layer: str
    made_from: str
    breaks: tuple[Kind, ...]
    causes: tuple[str, ...]
    mistakes: tuple[str, ...]
    safeguard: str


UNANSWERED = ("lost_response", "outage", "partition", "brownout", "crash")
"""What leaves a call without an answer that may have done its work."""

DOWN = ("outage", "partition", "brownout", "throttling", "lost_request", "lost_response", "expired_token")
"""What a call may meet before it succeeds."""

HELD_UP = (*DOWN, "late_delivery", "out_of_order", "crash", "poison", "schema_change")
"""What may have an event come later than another, or than its month."""

DAILY = "managed-batch:every=24h"
CONTENT = "a test of the mapping against the source's own totals"

LOST: tuple[Kind, ...] = ("missing_downstream", "stale_amendment", "cancelled_still_running")
"""What an event comes to that does not arrive: that of a contract is made up for by the next, of which it is a part."""

TWICE_ADDED: tuple[Kind, ...] = ("double_applied_amendment", "amount_mismatch")
"""What a change comes to that is added twice: the next hides how."""

BUGS: tuple[Bug, ...] = (
    # --- keys ---
    Bug(
        name="key-from-the-clock",
        layer="tests.mutants.keys:KeyFromTheClock",
        made_from="event-driven",
        breaks=("duplicate",),
        causes=UNANSWERED,
        mistakes=("key_of_the_attempt",),
        safeguard="idempotency=key",
    ),
    Bug(
        name="external-id-of-the-attempt",
        layer="tests.mutants.keys:ExternalIdOfTheAttempt",
        made_from="process-orchestration",
        breaks=("duplicate",),
        causes=UNANSWERED,
        mistakes=("key_of_the_attempt",),
        safeguard="idempotency=key",
    ),
    Bug(
        name="retries-without-key",
        layer="tests.mutants.keys:RetriesWithoutKey",
        made_from="event-driven",
        breaks=("duplicate",),
        causes=UNANSWERED,
        mistakes=("key_of_the_attempt",),
        safeguard="idempotency=key",
    ),
    Bug(
        name="key-of-the-month",
        layer="tests.mutants.keys:KeyOfTheMonth",
        made_from="event-driven",
        breaks=("missing_downstream",),
        causes=("layer",),
        mistakes=("key_too_coarse",),
        safeguard="idempotency=key",
    ),
    # --- answers ---
    Bug(
        name="swallows-429",
        layer="tests.mutants.answers:Swallows429",
        made_from="event-driven",
        breaks=("missing_downstream",),
        causes=("throttling",),
        mistakes=("failure_let_go",),
        safeguard="attempts=unlimited",
    ),
    Bug(
        name="takes-errors-for-success",
        layer="tests.mutants.answers:TakesErrorsForSuccess",
        made_from="process-orchestration",
        breaks=("missing_downstream",),
        causes=("brownout",),
        mistakes=("failure_let_go",),
        safeguard="attempts=unlimited",
    ),
    Bug(
        name="drops-on-timeout",
        layer="tests.mutants.answers:DropsOnTimeout",
        made_from="process-orchestration",
        breaks=LOST,
        causes=("lost_response", "lost_request", "outage", "partition", "brownout"),
        mistakes=("gave_up",),
        safeguard="attempts=unlimited",
    ),
    Bug(
        name="takes-silence-for-success",
        layer="tests.mutants.answers:TakesSilenceForSuccess",
        made_from="process-orchestration",
        breaks=("missing_downstream",),
        causes=("lost_request", "outage", "partition", "brownout"),
        mistakes=("failure_let_go",),
        safeguard="attempts=unlimited",
    ),
    Bug(
        name="retries-refusals",
        layer="tests.mutants.answers:RetriesRefusals",
        made_from="event-driven",
        breaks=LOST,
        causes=("poison", "schema_change", "expired_token", "layer"),
        mistakes=("stuck",),
        safeguard="dead_letters=on",
    ),
    Bug(
        name="refreshes-once",
        layer="tests.mutants.answers:RefreshesOnce",
        made_from="event-driven",
        breaks=LOST,
        causes=("expired_token",),
        mistakes=("token_not_renewed",),
        safeguard="attempts=unlimited",
    ),
    # --- forgetting ---
    Bug(
        name="acknowledges-before-commit",
        layer="tests.mutants.forgetting:AcknowledgesBeforeCommit",
        made_from="event-driven",
        breaks=LOST,
        causes=("crash",),
        mistakes=("not_kept",),
        safeguard="journal=on",
    ),
    Bug(
        name="answers-before-it-is-done",
        layer="tests.mutants.forgetting:AnswersBeforeItIsDone",
        made_from="sync-orchestration",
        breaks=LOST,
        causes=(*DOWN, "crash"),
        mistakes=("failure_let_go", "not_kept"),
        safeguard="journal=on",
    ),
    Bug(
        name="inbox-in-memory",
        layer="tests.mutants.forgetting:InboxInMemory",
        made_from="event-driven",
        breaks=("duplicate",),
        causes=("duplicate_delivery", "crash"),
        mistakes=("repeat_carried", "redone_after_a_crash"),
        safeguard="inbox=on",
    ),
    Bug(
        name="commits-offset-first",
        layer="tests.mutants.forgetting:CommitsOffsetFirst",
        made_from="event-driven",
        breaks=LOST,
        causes=("crash", *DOWN),
        mistakes=("not_kept",),
        safeguard="journal=on",
    ),
    Bug(
        name="holds-in-memory",
        layer="tests.mutants.forgetting:HoldsInMemory",
        made_from="tests.mutants.sequence:InSequence",
        breaks=("stale_amendment",),
        causes=("crash",),
        mistakes=("not_kept",),
        safeguard="journal=on",
    ),
    # --- ordering ---
    Bug(
        name="dedupes-by-contract",
        layer="tests.mutants.ordering:DedupesByContract",
        made_from="event-driven",
        breaks=("stale_amendment",),
        causes=("layer",),
        mistakes=("taken_for_dealt_with",),
        safeguard="inbox=on",
    ),
    Bug(
        name="ignores-early-cancellation",
        layer="tests.mutants.ordering:IgnoresEarlyCancellation",
        made_from="event-driven",
        breaks=("cancelled_still_running",),
        causes=HELD_UP,
        mistakes=("dropped_before_its_time",),
        safeguard="gate=sequence",
    ),
    Bug(
        name="in-parallel",
        layer="tests.mutants.ordering:InParallel",
        made_from="process-orchestration",
        breaks=("duplicate",),
        causes=(*HELD_UP, "layer"),
        mistakes=("made_by_two_events",),
        safeguard="gate=sequence",
    ),
    Bug(
        name="latest-timestamp-wins",
        layer="tests.mutants.ordering:LatestTimestampWins",
        made_from="process-orchestration",
        breaks=("stale_amendment",),
        causes=("layer", "clock_skew"),
        mistakes=("taken_for_dealt_with",),
        safeguard="gate=version",
    ),
    Bug(
        name="last-told-is-newest",
        layer="tests.mutants.ordering:LastToldIsNewest",
        made_from="canonical-hub",
        breaks=("stale_amendment", "cancelled_still_running"),
        causes=(*HELD_UP, "layer"),
        mistakes=("older_over_newer",),
        safeguard="gate=version",
    ),
    Bug(
        name="takes-no-turns",
        layer="tests.mutants.ordering:TakesNoTurns",
        made_from="hybrid:every=4h",
        breaks=("duplicate",),
        causes=(*HELD_UP, "layer"),
        mistakes=("made_by_two_events",),
        safeguard="gate=sequence",
    ),
    Bug(
        name="one-inbox-for-all",
        layer="tests.mutants.ordering:OneInboxForAll",
        made_from="event-driven",
        breaks=LOST,
        causes=("layer", *HELD_UP),
        mistakes=("done_for_another_target",),
        safeguard="inbox=on",
    ),
    Bug(
        name="drops-what-is-late",
        layer="tests.mutants.ordering:DropsWhatIsLate",
        made_from="event-driven",
        breaks=LOST,
        causes=HELD_UP,
        mistakes=("taken_for_too_old", "taken_for_dealt_with"),
        safeguard="the version of what is told, and not its age",
    ),
    Bug(
        name="refuses-what-is-late",
        layer="tests.mutants.ordering:RefusesWhatIsLate",
        made_from="event-driven",
        breaks=LOST,
        causes=HELD_UP,
        mistakes=("never_acknowledged",),
        safeguard="the version of what is told, and not its age",
    ),
    Bug(
        name="carries-the-last-of-a-burst",
        layer="tests.mutants.ordering:CarriesTheLastOfABurst",
        made_from="event-driven",
        breaks=("missing_downstream",),
        causes=("layer",),
        mistakes=("taken_for_dealt_with",),
        safeguard="inbox=on",
    ),
    # --- deltas ---
    Bug(
        name="lets-repeats-in",
        layer="tests.mutants.deltas:LetsRepeatsIn",
        made_from="tests.mutants.deltas:Adding",
        breaks=TWICE_ADDED,
        causes=("duplicate_delivery",),
        mistakes=("repeat_added",),
        safeguard="gate=version",
    ),
    Bug(
        name="adds-before-the-call",
        layer="tests.mutants.deltas:AddsBeforeTheCall",
        made_from="tests.mutants.deltas:Adding",
        breaks=TWICE_ADDED,
        causes=HELD_UP,
        mistakes=("added_before_it_was_done",),
        safeguard="journal=on",
    ),
    # --- letters ---
    Bug(
        name="never-drains",
        layer="tests.mutants.letters:NeverDrains",
        made_from="event-driven",
        breaks=LOST,
        causes=("poison", "schema_change", "expired_token"),
        mistakes=("left_in_dead_letters",),
        safeguard="dead_letters=on",
    ),
    Bug(
        name="skips-unreadable",
        layer="tests.mutants.letters:SkipsUnreadable",
        made_from="event-driven",
        breaks=LOST,
        causes=("poison", "schema_change"),
        mistakes=("skipped_as_unreadable",),
        safeguard="dead_letters=on",
    ),
    # --- batches ---
    Bug(
        name="takes-jobs-at-their-word",
        layer="tests.mutants.batches:TakesJobsAtTheirWord",
        made_from=DAILY,
        breaks=LOST,
        causes=("partial_load",),
        mistakes=("load_taken_for_complete",),
        safeguard="control_totals=on",
    ),
    Bug(
        name="moves-watermark-first",
        layer="tests.mutants.batches:MovesWatermarkFirst",
        made_from=DAILY,
        breaks=LOST,
        causes=("crash", *DOWN),
        mistakes=("not_kept",),
        safeguard="journal=on",
    ),
    Bug(
        name="skips-ties",
        layer="tests.mutants.batches:SkipsTies",
        made_from=DAILY,
        breaks=("missing_downstream",),
        causes=("layer",),
        mistakes=("passed_over_in_reading",),
        safeguard="a cursor behind the last row",
    ),
    Bug(
        name="drops-last-of-page",
        layer="tests.mutants.batches:DropsLastOfPage",
        made_from=DAILY,
        breaks=LOST,
        causes=("layer",),
        mistakes=("passed_over_in_reading",),
        safeguard="a cursor behind the last row",
    ),
    Bug(
        name="ignores-rejected-rows",
        layer="tests.mutants.batches:IgnoresRejectedRows",
        made_from=DAILY,
        breaks=LOST,
        causes=("expired_token", "layer"),
        mistakes=("failure_let_go", "row_taken_for_done"),
        safeguard="dead_letters=on",
    ),
    Bug(
        name="resubmits-whole",
        layer="tests.mutants.batches:ResubmitsWhole",
        made_from=DAILY,
        breaks=("duplicate",),
        causes=("partial_load",),
        mistakes=("key_of_the_attempt",),
        safeguard="idempotency=key",
    ),
    # --- sagas ---
    Bug(
        name="undoes-twice",
        layer="tests.mutants.sagas:UndoesTwice",
        made_from="tests.mutants.sagas:Impatient",
        breaks=("missing_downstream",),
        causes=HELD_UP,
        mistakes=("not_made_again",),
        safeguard="a compensation that may be repeated",
    ),
    Bug(
        name="redoes-under-old-keys",
        layer="tests.mutants.sagas:RedoesUnderOldKeys",
        made_from="tests.mutants.sagas:Impatient",
        breaks=("missing_downstream",),
        causes=HELD_UP,
        mistakes=("not_made_again",),
        safeguard="a key for each round of a saga",
    ),
    Bug(
        name="remembers-the-void",
        layer="tests.mutants.sagas:RemembersTheVoid",
        made_from="tests.mutants.sagas:Impatient",
        breaks=("missing_downstream",),
        causes=HELD_UP,
        mistakes=("not_made_again",),
        safeguard="a cross-reference that forgets with the void",
    ),
    # --- customers ---
    Bug(
        name="caches-customers",
        layer="tests.mutants.customers:CachesCustomers",
        made_from="event-driven",
        breaks=("stale_master_data",),
        causes=("layer",),
        mistakes=("wrote_what_was_before",),
        safeguard="a cache that ends with a change",
    ),
    Bug(
        name="finds-customers-by-name",
        layer="tests.mutants.customers:FindsCustomersByName",
        made_from="process-orchestration",
        breaks=("duplicate_customer", "stale_master_data"),
        causes=("layer",),
        mistakes=("made_by_two_events",),
        safeguard="idempotency=key",
    ),
    # --- close ---
    Bug(
        name="posts-by-utc",
        layer="tests.mutants.close:PostsByUtc",
        made_from="event-driven",
        breaks=("wrong_period",),
        causes=("layer", *HELD_UP),
        mistakes=("dated_otherwise",),
        safeguard="the day that the document bears",
    ),
    Bug(
        name="posts-by-today",
        layer="tests.mutants.close:PostsByToday",
        made_from="process-orchestration",
        breaks=("wrong_period",),
        causes=HELD_UP,
        mistakes=("dated_on_arrival",),
        safeguard="the day that the document bears",
    ),
    Bug(
        name="closes-too-early",
        layer="tests.mutants.close:ClosesTooEarly",
        made_from="event-driven",
        breaks=("missing_downstream",),
        causes=HELD_UP,
        mistakes=("taken_for_closed", "let_go_as_late"),
        safeguard="the ledger's own word on its periods",
    ),
    # --- books ---
    Bug(
        name="late-credit-memo-sign",
        layer="tests.mutants.books:LateCreditMemoSign",
        made_from="event-driven",
        breaks=("sign",),
        causes=("layer",),
        mistakes=("wrong_sign",),
        safeguard=CONTENT,
    ),
    Bug(
        name="rounds-each-line",
        layer="tests.mutants.books:RoundsEachLine",
        made_from="event-driven",
        breaks=("rounding",),
        causes=("rounding",),
        mistakes=("rounded",),
        safeguard=CONTENT,
    ),
    Bug(
        name="counts-usage-twice",
        layer="tests.mutants.books:CountsUsageTwice",
        made_from="event-driven",
        breaks=("duplicate",),
        causes=("duplicate_delivery", *UNANSWERED),
        mistakes=("repeat_carried", "no_key"),
        safeguard="idempotency=key",
    ),
    Bug(
        name="takes-first-product",
        layer="tests.mutants.books:TakesFirstProduct",
        made_from="canonical-hub",
        breaks=("wrong_allocation",),
        causes=("layer",),
        mistakes=("wrong_split",),
        safeguard=CONTENT,
    ),
    Bug(
        name="home-currency",
        layer="tests.mutants.books:HomeCurrency",
        made_from="event-driven",
        breaks=("wrong_currency",),
        causes=("layer",),
        mistakes=("wrong_currency",),
        safeguard=CONTENT,
    ),
    Bug(
        name="ends-a-day-early",
        layer="tests.mutants.books:EndsADayEarly",
        made_from="process-orchestration",
        breaks=("missing_downstream",),
        causes=("layer",),
        mistakes=("refused_for_good",),
        safeguard="sending what the target takes",
    ),
    # --- contents ---
    Bug(
        name="zero-is-missing",
        layer="tests.mutants.contents:ZeroIsMissing",
        made_from="process-orchestration",
        breaks=("amount_mismatch",),
        causes=("layer",),
        mistakes=("wrote_what_was_before",),
        safeguard=CONTENT,
    ),
    Bug(
        name="clears-the-parent",
        layer="tests.mutants.contents:ClearsTheParent",
        made_from="canonical-hub",
        breaks=("stale_master_data",),
        causes=("layer",),
        mistakes=("wrote_otherwise",),
        safeguard=CONTENT,
    ),
    Bug(
        name="defaults-the-currency",
        layer="tests.mutants.contents:DefaultsTheCurrency",
        made_from="canonical-hub",
        breaks=("wrong_currency",),
        causes=("layer",),
        mistakes=("wrong_currency",),
        safeguard=CONTENT,
    ),
    Bug(
        name="pays-the-oldest",
        layer="tests.mutants.contents:PaysTheOldest",
        made_from="event-driven",
        breaks=("unapplied_cash",),
        causes=("layer",),
        mistakes=("applied_otherwise", "not_applied"),
        safeguard="the document that a remittance names",
    ),
    Bug(
        name="takes-the-renewal-for-the-answer",
        layer="tests.mutants.answers:TakesTheRenewalForTheAnswer",
        made_from="process-orchestration",
        breaks=("missing_downstream",),
        causes=("expired_token",),
        mistakes=("not_sent_again",),
        safeguard="sending the call again",
    ),
    Bug(
        name="answers-for-who-is-down",
        layer="tests.mutants.answers:AnswersForWhoIsDown",
        made_from="event-driven",
        breaks=("missing_downstream",),
        causes=(*DOWN, "layer"),
        mistakes=("not_even_tried", "failure_let_go"),
        safeguard="attempts=unlimited",
    ),
    Bug(
        name="evicts-what-is-parked",
        layer="tests.mutants.letters:EvictsWhatIsParked",
        made_from="process-orchestration",
        breaks=LOST,
        causes=HELD_UP,
        mistakes=("set_aside_and_gone",),
        safeguard="a queue without a bound",
    ),
)
