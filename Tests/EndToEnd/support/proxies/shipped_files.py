"""The configuration files in docs/deploy, and what their programs need in a test."""

import os
import shutil
import subprocess

from processes import REPOSITORY

HOST = "localhost"


def program(name):
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    assert path, f"no {name}: run scripts/install-packages {name}"
    return path


def make_certificate(directory):
    """Makes a self-signed certificate for localhost and a file with its key beside it, and returns its path."""
    certificate, key, both = (directory / name for name in ("certificate.pem", "key.pem", "both.pem"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST},IP:127.0.0.1", "-keyout", key,
         "-out", certificate],
        check=True, capture_output=True, timeout=30,
    )
    both.write_text(certificate.read_text() + key.read_text())
    return certificate


def shipped(name):
    return (REPOSITORY / "docs" / "deploy" / name).read_text()


def replaced(text, replacements):
    """Replaces texts, each of which must occur."""
    for old, new in replacements:
        assert old in text, f"no {old!r} in the configuration"
        text = text.replace(old, new)
    return text
