"""What a layer can do wrong: the mistakes that stories name, what each amounts to, and which safeguards are against it.

A mistake is told by its word, which stays the same: the sentence may be put otherwise one day. `diagnosis` finds out
which one it was; a break that no layer could have prevented has none.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Mistake(NamedTuple):
    """What a mistake amounts to, in a sentence; and which switches are against it, the first the one made for it.

    `instead` is what to do, where no switch does it or the layer is of the user's own.
    """

    words: str
    safeguards: tuple[str, ...] = ()
    instead: str = ""


CONTENT = (
    "A test of the mapping against the source's own totals: control totals, compared to the cent after each batch or "
    "posting, find it on the day it is made."
)

MISTAKES: Mapping[str, Mistake] = {
    # --- something is there twice ---
    "no_key": Mistake(
        "A change was sent again with nothing by which the target could know it for a repeat: the second was done, "
        "too.",
        ("idempotency=key",),
    ),
    "key_of_the_attempt": Mistake(
        "Each attempt at one change bore another key, so that the target took the second for another change. A key "
        "has to be made of what the change is, not of when or how often it is sent.",
        ("idempotency=key",),
    ),
    "key_outlived": Mistake(
        "A change was sent again when the target had let go of its key: that is known for a time only.",
        ("inbox=on", "idempotency=key"),
    ),
    "repeat_carried": Mistake(
        "An event that was told once more was carried once more: the layer did not know, or no longer knew, that it "
        "had dealt with it, and the target did not know it for a repeat.",
        ("inbox=on", "idempotency=key"),
    ),
    "repeat_added": Mistake(
        "A change was added that had been added already: the event's version was not looked at, or not strictly (`>=` "
        "for `>`), before its difference was applied.",
        ("gate=version", "inbox=on", "idempotency=key"),
    ),
    "added_before_it_was_done": Mistake(
        "A change was added up before the target had it: at the next try it was added to a sum that had it already.",
        ("journal=on",),
        "Writing the new sum down in one piece with the note that the target has it, or sending whole states instead "
        "of differences.",
    ),
    "redone_after_a_crash": Mistake(
        "After a crash the layer did again what had been done before it, and the target did not know it for a repeat.",
        ("idempotency=key", "inbox=on", "journal=on"),
    ),
    "redone_after_the_cutover": Mistake(
        "The layer that took over did again what the one before it had done.", ("idempotency=key", "inbox=on")
    ),
    "made_by_two_events": Mistake(
        "Two events about one thing each made it: they were not carried one after the other, or the second did not "
        "know by its business key what the first had made.",
        ("gate=sequence", "idempotency=key"),
        "Carrying all that concerns one business key in turn, and a key by which the target knows the thing itself, "
        "whichever event asks for it.",
    ),
    "searched_too_soon": Mistake(
        "The layer searched before it created, and a search does not show yet what has just been made.",
        ("hub=on", "idempotency=key"),
    ),
    "made_for_each_account": Mistake(
        "The source has one customer as several accounts, and the layer made a customer of each: it did not ask "
        "whether the party is there already.",
        ("hub=on",),
    ),
    "made_beside_what_was_there": Mistake(
        "It was there already, made before the run or by somebody else, and the layer made it once more: it did not "
        "know of it, and did not look.",
        ("idempotency=read",),
        "Looking for what the target has before creating it, by the business key and not by what one remembers.",
    ),
    "done_twice": Mistake(
        "The layer did one event's change twice, although the first time had been answered: of its own accord, or "
        "since it had not waited for the answer.",
        ("idempotency=key", "inbox=on"),
    ),
    # --- something is not there, or behind ---
    "gave_up": Mistake(
        "The layer gave an event up after a failure that might have passed, and kept nothing of it.",
        ("attempts=unlimited", "dead_letters=on"),
    ),
    "failure_let_go": Mistake(
        "A call came to nothing, and nothing followed from that: it was neither tried again nor set aside, while the "
        "event was acknowledged. A failure was taken for a success, or told to nobody.",
        ("attempts=unlimited", "dead_letters=on", "journal=on"),
        "Looking at the status of every answer, acknowledging an event only when its work is done or kept, and "
        "setting aside what fails for good.",
    ),
    "refused_for_good": Mistake(
        "The target refused what the layer sent for what it said, each time: nothing that waiting would cure.",
        ("dead_letters=on",),
        "Sending what the target takes; and setting aside, where somebody sees it, what is refused for what it says.",
    ),
    "marked_before_it_was_done": Mistake(
        "The event was marked as dealt with before its work was done: when that failed and the event was told once "
        "more, it was taken for a repeat.",
        ("inbox=on", "journal=on"),
        "Marking an event as dealt with last of all, in one piece with what was done for it.",
    ),
    "token_not_renewed": Mistake(
        "The access token had expired, and was not renewed: the credential was taken for revoked.",
        ("attempts=unlimited", "dead_letters=on"),
        "Asking for a new token whenever one is turned down, each time anew.",
    ),
    "left_in_dead_letters": Mistake(
        "What could not be carried was set aside, and nobody took it up again.",
        ("dead_letters=on",),
        "Whoever sets something aside needs somebody who carries it again: a replay, and an alarm on how long it "
        "waits.",
    ),
    "set_aside_and_gone": Mistake(
        "What could not be carried was set aside, and is gone from there: it was not carried again, and by its own "
        "account the layer has it in no queue any more.",
        (),
        "A queue that keeps what is in it until somebody has dealt with it: durable, without a bound at which the "
        "oldest is dropped, one place for each event.",
    ),
    "left_with_people": Mistake("What could not be carried was put into a queue of people, where it still is."),
    "stuck": Mistake(
        "The event is still in the layer's hands, tried again and again or waiting for something that does not come, "
        "and whatever is behind it waits, too.",
        ("dead_letters=on",),
        "Telling what may pass from what cannot succeed (a refusal, an unreadable message), and setting the latter "
        "aside.",
    ),
    "not_kept": Mistake(
        "The event was acknowledged, or its place in the source passed, before it was kept durably or done: a crash "
        "forgot it, and nobody tells of it again.",
        ("journal=on",),
        "Acknowledging, committing an offset or moving a watermark last of all, once the work is done or written down.",
    ),
    "load_taken_for_complete": Mistake(
        "A bulk load stopped part-way, and was taken for complete: nobody counted what came of its rows.",
        ("control_totals=on",),
        "Comparing the rows and amounts of each load with what the target says it took, before the watermark moves.",
    ),
    "row_taken_for_done": Mistake(
        "A row of a load was rejected, and taken for done: it is not loaded again.",
        ("dead_letters=on", "control_totals=on"),
        "Looking at the result of each row, and setting aside or loading again what was rejected.",
    ),
    "passed_over_in_reading": Mistake(
        "The layer's reading passed this change over: a page begins where the one before it did not end, a watermark "
        "has moved over it, or the row was taken for one that had been read before.",
        ("control_totals=on", "capture=outbox"),
        "A cursor behind the last row that was read, by time and key, read to the end of the last page; a look back, "
        "in which rows are told apart by key and version.",
    ),
    "not_subscribed": Mistake(
        "Nobody in the layer asked to be told of this: no attempt was made to tell it, and it did not read it either.",
        (),
        "Subscribing to, or reading, every kind of event that some target has to hear of.",
    ),
    "never_acknowledged": Mistake(
        "The layer never acknowledged the event, until its source gave up telling.",
        ("journal=on",),
        "Acknowledging what is kept durably, whether or not it can be worked on yet.",
    ),
    "type_not_carried": Mistake(
        "The layer acknowledges such events and carries none of them to this target.",
        (),
        "Handling every kind of event that the target has to hear of; failing loudly at one that is not known.",
    ),
    "skipped_as_unreadable": Mistake(
        "A message that could not be read was acknowledged and skipped, and its source not asked for what it was "
        "about.",
        ("dead_letters=on",),
        "Setting an unreadable message aside, and reading the record back from its source.",
    ),
    "taken_for_dealt_with": Mistake(
        "A change was taken for a repeat of another one, or for an older one, and dropped: events were told apart by "
        "something that two of them have in common, such as their contract, type or timestamp, and not by their id and "
        "version.",
        ("inbox=on", "gate=version"),
    ),
    "dropped_before_its_time": Mistake(
        "A change that came before what it builds on was taken for done, since there was nothing yet to change; when "
        "that came, it was made without the change.",
        ("gate=sequence",),
    ),
    "taken_for_too_old": Mistake(
        "A change that was told long after it had been made was acknowledged and dropped: its age was taken for a sign "
        "that it was worth nothing any more, or forged.",
        (),
        "Judging an event by its version and by what has been done for it, never by how long it was on its way.",
    ),
    "done_for_another_target": Mistake(
        "The event was carried to one target, and not to this one: it was taken for dealt with, for all of them.",
        ("inbox=on",),
        "Keeping for each target by itself what was dealt with: by event and consumer.",
    ),
    "taken_for_closed": Mistake(
        "The layer took the document's month for closed, which ERP had not locked yet, and let the document go.",
        (),
        "Asking the ledger which periods are open, instead of a calendar of one's own.",
    ),
    "let_go_as_late": Mistake(
        "The document came when its month had been locked, and the layer let it go: it is in no month at all.",
        (),
        "Posting what comes late into the month that is open, or putting it where people say what is to become of it.",
    ),
    "acknowledged_and_not_done": Mistake(
        "The layer acknowledged the event, and did nothing with it.",
        ("journal=on",),
    ),
    "not_sent_again": Mistake(
        "A call was turned down for want of a token; the token was renewed, and the call was not sent again: the "
        "answer to the renewal was taken for its own.",
        (),
        "Sending the very call again once the token is there, and taking nothing for done but its own answer.",
    ),
    "not_even_tried": Mistake(
        "The target was failing, and the layer did not call it for this event, which it acknowledged nonetheless: "
        "what stood in for the target (a breaker, a fallback, a default answer) was taken for its answer.",
        ("attempts=unlimited", "dead_letters=on"),
        "Taking a call that was not made for a failure: to be tried again, or set aside.",
    ),
    "asked_and_not_written": Mistake(
        "The layer asked the target, and wrote nothing after the answer: it took the answer for a sign that there was "
        "nothing to do.",
    ),
    "key_too_coarse": Mistake(
        "A change bore a key that another one had borne: the target took it for a repeat of that, and did nothing. A "
        "key has to say which change it is: business key, version and step.",
        ("idempotency=key",),
    ),
    "not_made_again": Mistake(
        "The layer took back what it had made, and when the work was taken up again, did not make it again: it held "
        "it for made, or asked for it under the keys of the first time.",
        (),
        "A compensation that may be repeated, forgets the record that it voids, and begins a new round with new keys.",
    ),
    "code_failed": Mistake("The layer's own code failed with an error while it had this in hand."),
    "master_data_not_carried": Mistake(
        "A change of the account was told, and the customer was not brought up to date.",
        ("gate=version",),
    ),
    "wrote_what_was_before": Mistake(
        "The change was carried, and what was written is the state before it: it was taken from a cache, an older "
        "event or an earlier reading.",
        (),
        "Writing what the event says or what the source says now, and ending a cached copy with every change.",
    ),
    "wrote_otherwise": Mistake(
        "The change was carried, and what was written is neither what it says nor what was there before: a field was "
        "left out, and so cleared, or filled from another.",
        (),
        CONTENT,
    ),
    "applied_otherwise": Mistake(
        "The payment was applied to another document than the one that it names.",
        (),
        "Applying a payment to the document that its remittance names, and no other because of its age or amount.",
    ),
    "not_applied": Mistake(
        "The payment was entered, and not applied to its document.",
        (),
        "Looking at what became of a payment's application, and setting aside what could not be applied.",
    ),
    "older_over_newer": Mistake(
        "An older version was written over a newer one: versions were not compared before the write.",
        ("gate=version",),
    ),
    # --- in the wrong month ---
    "dated_on_arrival": Mistake(
        "It was posted into the month in which it came to the ledger, although the month it belongs to was open: it "
        "was dated by the day of its posting.",
        (),
        "Posting under the day that the document bears, for as long as its month is open.",
    ),
    "dated_otherwise": Mistake(
        "It was posted into another month than its own, while that was open: its day was read in another time zone, "
        "or taken from another field.",
        (),
        "Posting under the day that the document bears, as its own books' calendar has it.",
    ),
    "carried_after_the_lock": Mistake(
        "It was carried only after the month had been locked.",
        (),
        "Nothing in the layer alone: what arrives after the lock is late. Close the month once the backlog is empty, "
        "or carry faster.",
    ),
    # --- something else than was agreed ---
    "rounded": Mistake(
        "An amount is off by what rounding leaves: it was rounded in another way, as a binary fraction, or in parts "
        "each by itself that do not come to their total.",
        (),
        CONTENT,
    ),
    "wrong_sign": Mistake("The amount was written with the opposite sign.", (), CONTENT),
    "wrong_amount": Mistake("The layer wrote another amount than it was told.", (), CONTENT),
    "wrong_currency": Mistake("The amount was written in another currency than its own.", (), CONTENT),
    "wrong_split": Mistake(
        "The layer told the target of other products, or of other prices of them, than were agreed.", (), CONTENT
    ),
    "wrong_party": Mistake("The layer wrote it to another customer's account.", (), CONTENT),
    "wrong_account": Mistake("The layer posted it to another account, or for another legal entity.", (), CONTENT),
    "wrong_terms": Mistake("The layer wrote other dates or terms than were agreed.", (), CONTENT),
    "half_done": Mistake(
        "Of what belongs together only a part was written.",
        ("journal=on",),
        "Writing what belongs together in one request, or a journal of the steps that are still to be done.",
    ),
    "made_of_nothing": Mistake(
        "There is a record with nothing behind it: what it came from was taken back, or never was.",
        (),
        "Carrying what is taken back like any other change, and making nothing before what it comes from is committed.",
    ),
}
"""Every mistake by its word."""
