"""Signatures of webhooks, as Standard Webhooks has them and as Stripe does: pure functions of what is signed.

Timestamps are whole seconds since 1970. A receiver checks the signature with the secret that it shares with the sender,
and refuses what is too old.
"""

import base64
import hmac
from hashlib import sha256

PREFIX = "whsec_"
"""What a secret of Standard Webhooks begins with; behind it is the key in base64."""

Headers = tuple[tuple[str, str], ...]


def standard_headers(secret: str, message_id: str, timestamp_s: int, body: bytes) -> Headers:
    """The three headers of Standard Webhooks. The id stays the same however often an event is told."""
    signed = b".".join((message_id.encode(), str(timestamp_s).encode(), body))
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signature = base64.b64encode(hmac.digest(key, signed, sha256)).decode()
    return (
        ("webhook-id", message_id),
        ("webhook-timestamp", str(timestamp_s)),
        ("webhook-signature", f"v1,{signature}"),
    )


def stripe_signature(secret: str, timestamp_s: int, body: bytes) -> str:
    """The value of the header `Stripe-Signature`. The secret is the key, with its prefix and all."""
    signed = b".".join((str(timestamp_s).encode(), body))
    return f"t={timestamp_s},v1={hmac.digest(secret.encode(), signed, sha256).hex()}"
