"""Webhooks are signed so that the official verifiers of Standard Webhooks and of Stripe take them, and nothing else."""

import json
from datetime import UTC, datetime

import pytest
import stripe
import time_machine
from standardwebhooks import Webhook, WebhookVerificationError

from fakes.faces.webhooks import standard_headers, stripe_signature

SECRET = "whsec_dGllb3V0LXNpZ25pbmctc2VjcmV0"
AT = datetime(2026, 2, 1, 12, tzinfo=UTC)
AT_S = int(AT.timestamp())
BODY = json.dumps({"id": "evt_1", "object": "event", "type": "invoice.paid", "data": {"object": {}}}).encode()


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(AT, tick=False):
        yield


def test_the_verifier_of_standard_webhooks_takes_a_signature():
    headers = dict(standard_headers(SECRET, "evt-1", AT_S, BODY))
    assert Webhook(SECRET).verify(BODY, headers) == json.loads(BODY)


@pytest.mark.parametrize(
    ("secret", "message_id", "timestamp_s", "body"),
    [
        ("whsec_b3RoZXI=", "evt-1", AT_S, BODY),
        (SECRET, "evt-2", AT_S, BODY),
        (SECRET, "evt-1", AT_S + 1, BODY),
        (SECRET, "evt-1", AT_S, BODY + b" "),
    ],
    ids=["another secret", "another id", "another time", "another body"],
)
def test_the_verifier_of_standard_webhooks_refuses_what_was_not_signed(secret, message_id, timestamp_s, body):
    signed = dict(standard_headers(secret, message_id, timestamp_s, body))
    sent = {**signed, "webhook-id": "evt-1", "webhook-timestamp": str(AT_S)}
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY, sent)


def test_the_verifier_of_standard_webhooks_refuses_what_is_old():
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY, dict(standard_headers(SECRET, "evt-1", AT_S - 301, BODY)))


def test_the_verifier_of_stripe_takes_a_signature():
    event = stripe.Webhook.construct_event(BODY, stripe_signature(SECRET, AT_S, BODY), SECRET)
    assert (event.id, event.type) == ("evt_1", "invoice.paid")


@pytest.mark.parametrize(
    "signature",
    [
        stripe_signature("whsec_other", AT_S, BODY),
        stripe_signature(SECRET, AT_S, BODY + b" "),
        stripe_signature(SECRET, AT_S, BODY).replace(f"t={AT_S}", f"t={AT_S + 1}"),
        stripe_signature(SECRET, AT_S - 301, BODY),
        "t=now,v1=",
    ],
    ids=["another secret", "another body", "another time", "old", "malformed"],
)
def test_the_verifier_of_stripe_refuses_all_else(signature):
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(BODY, signature, SECRET)
