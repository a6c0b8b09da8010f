"""Password hashes for `--admin-ui-password-file`, made by an implementation of its own."""

import base64
import hashlib


def password_hash(password, rounds=1000):
    """A hash of few rounds, because a debug build takes long for many."""
    salt = b"sixteen bytes..."
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    return f"pbkdf2-sha256${rounds}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"
