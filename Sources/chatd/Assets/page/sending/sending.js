// Sending: one message at a time, until it is acknowledged.

const ANSWER_MILLISECONDS = 10_000;
/** The server's error for a message that does not fit into its database. It may fit later. */
const FULL = "the chat has no room for new messages";
const FULL_MILLISECONDS = 10_000;

/** The message in flight. There is only one at a time, so that messages arrive in order. */
let sending = null;
/** The message that the server has refused. Those behind it wait until it is stored or discarded, to keep the order. */
let refused = null;
let retryTimer;

function sendNext() {
  const [entry] = outbox.entries;
  if (sending || !socket.connected || !entry || entry === refused) return;
  clearTimeout(retryTimer);
  sending = entry;
  health.sent();
  socket.timeout(ANSWER_MILLISECONDS).emit("chat message", entry.text, entry.offset, (error, answer) => {
    if (sending === entry) sending = null;
    // Only the latest answer tells why the message waits.
    entry.isHeldBack = answer?.retryAfter !== undefined;
    if (error) {
      // The connection was lost, or the server could not store the message. The client offset
      // keeps it from being stored twice.
      entry.isLate = true;
      retryTimer = setTimeout(sendNext, RETRY_MILLISECONDS);
      return drawUnsent();
    }
    health.answered();
    entry.refusal = entry.isHeldBack ? undefined : answer?.error;
    if (entry.isHeldBack) {
      retryTimer = setTimeout(sendNext, answer.retryAfter);
      return drawUnsent();
    }
    if (entry.refusal) {
      refused = entry;
      // For another reason the server would refuse it again, at least on this connection.
      if (entry.refusal === FULL) retryTimer = setTimeout(sendRefused, FULL_MILLISECONDS);
      drawUnsent();
    } else {
      acknowledged(entry, answer);
    }
    // The user may have discarded the refused message meanwhile.
    sendNext();
  });
  drawUnsent();
}

/** Sends the refused message once more. */
function sendRefused() {
  refused = null;
  sendNext();
}

/** Stored messages that have not arrived yet. They stay visible among the unsent ones until they arrive. */
let leaving = [];

function acknowledged(entry, answer) {
  entry.id ??= answer?.id;
  if (entry.id > lastID) leaving.push(entry);
  outbox.remove(entry);
}

/** Records the id of an unsent message that has arrived from the server. Its acknowledgement follows, or was lost. */
function recognize({ id, text, offset }) {
  const entry = outbox.entries.find((entry) => offset !== undefined && entry.offset === offset && entry.text === text);
  if (entry) entry.id = id;
}

/** Drops the messages that have arrived. */
function forgetLeft() {
  leaving = leaving.filter(({ id }) => id > lastID);
}

function outboxChanged() {
  // The outbox also calls this from its constructor.
  queueMicrotask(() => {
    drawUnsent();
    showState();
    showEmpty();
    sendNext();
  });
}
