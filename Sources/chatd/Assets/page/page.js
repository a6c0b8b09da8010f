// The parts of the page and the socket, which the following files connect.

/** Everything up to this message has arrived; null before the first answer. */
let lastID = null;

const timeline = new Timeline(scroller, list);
const announcer = new Announcer(announced);
const outbox = new Outbox(() => outboxChanged());
const socket = io({
  // The folder of the client. A proxy may have added a path prefix that the server does not know.
  path: new URL(".", document.getElementById("client").src).pathname,
  auth: (give) => {
    const rows = lastID === null ? { latest: 0 } : { serverOffset: lastID };
    give({ details: 1, identity, ...(ownName ? { name: ownName } : {}), ...rows });
  },
});
