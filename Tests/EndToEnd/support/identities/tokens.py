"""JSON Web Tokens, made by an implementation of its own."""

import base64
import hashlib
import hmac
import json


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(sub, key, header=None, **claims):
    """A token for `sub`, signed with HMAC-SHA-256."""
    head = base64url(json.dumps(header or {"alg": "HS256", "typ": "JWT"}).encode())
    body = base64url(json.dumps({"sub": sub, **claims}).encode())
    signature = hmac.new(key.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{base64url(signature)}"
