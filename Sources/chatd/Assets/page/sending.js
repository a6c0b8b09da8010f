// Sending: one message at a time, until it is acknowledged.

/** The message under way: one at a time, so that they arrive in order. */
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
    if (error) {
      // The connection is lost, or the server could not store it. The same offset keeps it from being stored twice.
      entry.isLate = true;
      retryTimer = setTimeout(sendNext, RETRY_MILLISECONDS);
      return drawUnsent();
    }
    health.answered();
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

/** Messages that are stored, but have not arrived as messages: they stay in sight until they do. */
let leaving = [];

function acknowledged(entry, answer) {
  entry.id ??= answer?.id;
  if (entry.id > lastID) leaving.push(entry);
  outbox.remove(entry);
}

/** The client offset tells which unsent message it is that arrived. Its acknowledgement follows, or was lost. */
function recognize({ id, text, offset }) {
  const entry = outbox.entries.find((entry) => offset !== undefined && entry.offset === offset && entry.text === text);
  if (entry) entry.id = id;
}

/** Drops the messages that have arrived meanwhile. */
function forgetLeft() {
  leaving = leaving.filter(({ id }) => id > lastID);
}

function outboxChanged() {
  // The outbox calls from its constructor, too.
  queueMicrotask(() => {
    drawUnsent();
    showState();
    showEmpty();
    sendNext();
  });
}
