"""The door of every system: idempotency keys are honoured as long as they live, refusals become answers."""

from dataclasses import dataclass

import pytest

from fakes.service import Operation, Refused, Service

DAY = 86_400_000_000


@dataclass
class Make:
    """Make something of a size."""

    size: int


@dataclass
class Break:
    """Break something of a size."""

    size: int


def service(lifetime_us=DAY):
    """A service, and the list of what it did."""
    done = []

    def make(request, now_us):
        if request.size < 0:
            raise Refused(422, "too_small")
        done.append(("made", request.size, now_us))
        return len(done)

    def break_(request, now_us):
        done.append(("broken", request.size, now_us))
        return -len(done)

    return Service({Make: Operation("make", make), Break: Operation("break", break_)}, lifetime_us), done


def test_a_repeated_key_gets_the_first_answer_and_does_nothing():
    serving, done = service()
    first = serving.serve(Make(1), "k", 0)
    again = serving.serve(Make(1), "k", 5)
    assert (first.status, first.body, first.word) == (200, 1, "ok")
    assert (again.status, again.body, again.word) == (200, 1, "replayed")
    assert done == [("made", 1, 0)]


@pytest.mark.parametrize("other", [Make(2), Break(1)])
def test_a_key_with_another_request_is_refused_and_does_nothing(other):
    serving, done = service()
    serving.serve(Make(1), "k", 0)
    refused = serving.serve(other, "k", 5)
    assert (refused.status, refused.body, refused.word) == (422, None, "key_reused")
    assert done == [("made", 1, 0)]
    assert serving.serve(Make(1), "k", 6).word == "replayed"


@pytest.mark.parametrize(("later_us", "word", "times"), [(DAY - 1, "replayed", 1), (DAY, "ok", 2)])
def test_a_key_lives_for_its_lifetime_and_not_an_instant_longer(later_us, word, times):
    """H5: a retry that comes after the key has expired does the work again."""
    serving, done = service()
    serving.serve(Make(1), "k", 7)
    assert serving.serve(Make(1), "k", 7 + later_us).word == word
    assert len(done) == times


def test_a_repeat_does_not_prolong_the_life_of_a_key():
    serving, done = service()
    for now_us in (0, DAY - 1, DAY + 1):
        serving.serve(Make(1), "k", now_us)
    assert len(done) == 2


def test_expired_keys_take_no_memory():
    serving, _ = service()
    for number in range(100):
        serving.serve(Make(1), f"k{number}", number * DAY // 10)

    assert len(serving._kept) + len(serving._kept_before) <= 20, "those of two days at most"


def test_an_expired_key_may_be_used_for_something_else():
    serving, done = service()
    serving.serve(Make(1), "k", 0)
    assert serving.serve(Break(9), "k", DAY).word == "ok"
    assert serving.serve(Break(9), "k", DAY + 1).word == "replayed"
    assert done == [("made", 1, 0), ("broken", 9, DAY)]


def test_a_refusal_is_an_answer_and_leaves_the_key_free():
    serving, done = service()
    refused = serving.serve(Make(-1), "k", 0)
    assert (refused.status, refused.body, refused.word) == (422, None, "too_small")
    assert (refused.ok, refused.transient) == (False, False)
    assert serving.serve(Make(1), "k", 1).word == "ok"
    assert done == [("made", 1, 1)]


@pytest.mark.parametrize(("lifetime_us", "key"), [(None, "k"), (DAY, None)])
def test_without_keys_every_request_is_done(lifetime_us, key):
    serving, done = service(lifetime_us)
    assert [serving.serve(Make(1), key, now_us).word for now_us in (0, 1)] == ["ok", "ok"]
    assert len(done) == 2


def test_keys_are_apart():
    serving, done = service()
    for key in ("k", "l", "k", "l"):
        serving.serve(Make(1), key, 0)
    assert len(done) == 2
