"""How a system that pushes proves who it is: HMAC-SHA256 over time and body, compared in constant time. Pure.

Source: RFC 2104 (HMAC); the form of the message, `<timestamp>.<body>`, is ours (docs/push.md).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence

SIGNATURE_PREFIX = "sha256="
_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")
_TIMESTAMP = re.compile(r"[1-9][0-9]{0,11}")


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return the signature of a delivery, as its header says it.

    Args:
        secret: What sender and receiver share.
        timestamp: Seconds since 1970 (UTC), as the header says them.
        body: The body as it is sent.
    """
    digest = hmac.new(secret, timestamp.encode() + b".", hashlib.sha256)
    digest.update(body)
    return SIGNATURE_PREFIX + digest.hexdigest()


def is_signed_by(secrets: Sequence[bytes], timestamp: str, body: bytes, signature: str) -> bool:
    """Return whether one of the secrets made a signature; every secret is tried, whichever fits.

    Args:
        secrets: The present secret and, while it is being changed, the one before.
        timestamp: As in `sign`.
        body: As in `sign`.
        signature: What the sender says.
    """
    fits = [hmac.compare_digest(sign(secret, timestamp, body), signature) for secret in secrets]
    return any(fits)


def is_signature(text: str) -> bool:
    """Return whether a text has the form of a signature."""
    return _SIGNATURE.fullmatch(text) is not None


def read_timestamp(text: str) -> int | None:
    """Return seconds since 1970, None where the text is no such number."""
    return int(text) if _TIMESTAMP.fullmatch(text) else None
