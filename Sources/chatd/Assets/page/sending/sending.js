// Sending: one message at a time, until it is acknowledged.

/** The message in flight. There is only one at a time, so that messages arrive in order. */
let sending = null;
let retryTimer;

function sendNext() {
  clearTimeout(retryTimer);
  if (sending || !socket.connected) return;
  const entry = outbox.entries.find((entry) => !entry.refusal);
  if (!entry) return;
  sending = entry;
  entry.tries++;
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
    if (entry.isHeldBack) {
      retryTimer = setTimeout(sendNext, answer.retryAfter);
      return drawUnsent();
    }
    if (answer?.error) {
      entry.refusal = answer.error;
      drawUnsent();
    } else {
      acknowledged(entry, answer);
    }
    sendNext();
  });
  drawUnsent();
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
