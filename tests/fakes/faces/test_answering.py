"""Requests are read whole or not done, and answers say how long they are."""

import asyncio

import pytest

from fakes.faces.answering import Answering, body_of, headers_of, say
from sim.http import HttpResponse


def part(body, *, more=True):
    return {"type": "http.request", "body": body, "more_body": more}


GONE = {"type": "http.disconnect"}


class Client:
    """Sends messages, and keeps what it is told."""

    def __init__(self, *messages):
        self.left, self.told = list(messages), []

    async def receive(self):
        return self.left.pop(0)

    async def send(self, message):
        self.told.append(message)

    def asks(self, answer, kind="http", **scope):
        asyncio.run(Answering(answer)({"type": kind, **scope}, self.receive, self.send))
        return self.told


async def echo(scope, receive, send):
    await say(send, HttpResponse(200, (("x-of", "me"),), await body_of(receive, 5)))


@pytest.mark.parametrize(
    ("messages", "body", "left"),
    [
        ([part(b"abc", more=False)], b"abc", 0),
        ([part(b"ab"), part(b""), part(b"c", more=False)], b"abc", 0),
        ([{"type": "http.request"}], b"", 0),
        ([part(b"abc"), part(b"def"), part(b"ghi")], b"abcdef", 1),  # too long: no more is read of it
    ],
)
def test_a_body_is_read_as_far_as_it_may_go(messages, body, left):
    client = Client(*messages)
    begun, said = client.asks(echo)
    assert said["body"] == body and len(client.left) == left
    assert begun["headers"] == [(b"content-length", str(len(body)).encode()), (b"x-of", b"me")]


def test_nothing_is_done_of_a_request_whose_client_is_gone():
    assert Client(part(b"a"), GONE).asks(echo) == []


def test_an_answer_without_a_body_does_not_say_how_long_it_is():
    async def nothing(scope, receive, send):
        await say(send, HttpResponse(204, (("location", "/x"),)))

    begun, said = Client().asks(nothing)
    assert (begun["status"], begun["headers"], said["body"]) == (204, [(b"location", b"/x")], b"")


def test_of_headers_of_one_name_the_first_counts():
    assert headers_of({"headers": [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]}) == {"a": "1", "b": "2"}


def test_the_lifespan_of_an_app_is_left_to_fastapi():
    client = Client({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    told = client.asks(echo, "lifespan", state={})
    assert [one["type"] for one in told] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
