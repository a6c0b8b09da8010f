"""Users at several hosts who write at the same time."""

import threading

from users import User
from waiting import wait_until


class Talk:
    """Users at several hosts who write until they are stopped."""

    def __init__(self, hosts):
        self.users = [User(host.port, transport).connect() for host in hosts for transport in ("websocket", "polling")]
        self.sent = []
        self._done = threading.Event()
        self._threads = [
            threading.Thread(target=self._talk, args=(number, user)) for number, user in enumerate(self.users)
        ]
        for thread in self._threads:
            thread.start()

    def _talk(self, number, user):
        count = 0
        while not self._done.is_set():
            count += 1
            user.say_until_acked(f"{number}-{count}", f"tab{number}-{count}")
            self.sent.append(f"{number}-{count}")

    def wait_for_more(self):
        """Waits until 20 further messages are acknowledged."""
        count = len(self.sent)
        wait_until(lambda: len(self.sent) >= count + 20, 20)

    def end(self):
        """Every user must have the same rows, and every text once."""
        self._done.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()
        for user in self.users:
            wait_until(lambda user=user: len(user.rows) >= len(self.sent), message=lambda user=user: f"{user.rows}")
            assert sorted(user.texts) == sorted(self.sent)
            assert user.rows == self.users[0].rows
            user.leave()
