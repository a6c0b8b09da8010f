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
      acknowledged(entry);
    }
    sendNext();
  });
  drawUnsent();
}

/** It is stored. Until it comes as a message, too, it stays in sight. */
function acknowledged(entry) {
  if (!entry.id && isCatchingUp) {
    leaving.push(entry);
    setTimeout(() => left(entry), RETRY_MILLISECONDS);
  }
  outbox.remove(entry);
}

let leaving = [];

function left(entry) {
  leaving = leaving.filter((other) => other !== entry);
  drawUnsent();
}

/** Whether a message that came is one that this tab has sent. Its id is not known before; the text has to do. */
function recognize(text, id) {
  const entry = [...outbox.entries, ...leaving].find((entry) => entry.tries > 0 && !entry.id && entry.text === text);
  if (!entry) return false;
  entry.id = id;
  own.add(id);
  leaving = leaving.filter((other) => other !== entry);
  return true;
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
