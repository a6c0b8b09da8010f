// Incoming messages.

let arrived = [];

/**
 * Converts a message `[id, text, details]` of the server. The details have its time, its author's id and name, whether
 * these were proved, and the client offset, if known. An older server sends the time in place of the details in the
 * history, and no details or the offset in live messages.
 */
function asMessage([id, text, details]) {
  const { time, author, name, proved, offset } = typeof details === "number" ? { time: details } : Object(details);
  return {
    id, text, time: time || null, author, name, proved, offset,
    get isOwn() {
      return author !== undefined && author === ownAuthor;
    },
  };
}

socket.on("chat message", (text, id, details) => {
  if (lastID !== null && id <= lastID) return;
  lastID = id;
  const message = asMessage([id, text, details]);
  recognize(message);
  if (arrived.push(message) > 1) return;
  // Draw a burst in one frame. A hidden tab has no frames, so a timer draws it there.
  if (document.hidden) setTimeout(showArrived, 100);
  else requestAnimationFrame(showArrived);
});

// The operator has deleted messages.
socket.on("chat deleted", ({ ids }) => forget(new Set(ids)));

function showArrived() {
  const messages = arrived;
  arrived = [];
  const others = messages.filter((message) => !message.isOwn && !timeline.has(message.id));
  if (!timeline.isAtEnd) unseen += others.length;
  timeline.add(messages);
  // With the first message, show where the conversation begins.
  if (older.hidden) showOlder();
  showEmpty();
  forgetLeft();
  drawUnsent();
  showLatest();
  if (others.length === 0) return;
  announcer.announce(others.map((message) => {
    const name = message.name && authorName(message);
    return name ? `${name}: ${message.text}` : message.text;
  }));
  if (document.hidden) unread += others.length;
  showTitle();
}
