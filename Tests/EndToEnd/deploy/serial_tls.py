"""TLS connections that two threads may use.

The official Python client reads and writes its WebSocket in two threads, but OpenSSL allows only one call at a time for
a connection. A read beside a write may look like the end of the connection, above all on a busy machine.
"""

import select
import ssl
import threading
import time


class SerialTLSSocket(ssl.SSLSocket):
    """Reads only when something can be read, and never while another thread writes."""

    def do_handshake(self, *arguments):
        self._in_use = threading.Lock()
        super().do_handshake(*arguments)

    def send(self, *arguments):
        with self._in_use:
            return super().send(*arguments)

    def recv(self, *arguments):
        timeout = self.gettimeout()
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            with self._in_use:
                self.settimeout(0)
                try:
                    return super().recv(*arguments)
                except ssl.SSLWantReadError:
                    pass
                finally:
                    self.settimeout(timeout)
            left = None if deadline is None else max(0, deadline - time.monotonic())
            if not select.select([self], [], [], left)[0]:
                raise TimeoutError("timed out")


def serial_tls(certificate):
    """A context whose connections trust the certificate and can be used by two threads."""
    context = ssl.create_default_context(cafile=certificate)
    context.sslsocket_class = SerialTLSSocket
    return context
