// Messages as they arrive.

let arrived = [];

/**
 * A message `[id, text, details]` as the server gives it. The details have its time, author and client offset as far as they
 * are known. A server that knows of no details says only the time in the history, and nothing or its offset elsewhere.
 */
function asMessage([id, text, details]) {
  const { time, author, offset } = typeof details === "number" ? { time: details } : Object(details);
  return { id, text, time: time || null, isOwn: author === ownAuthor, offset };
}

socket.on("chat message", (text, id, details) => {
  if (lastID !== null && id <= lastID) return;
  lastID = id;
  const message = asMessage([id, text, details]);
  recognize(message);
  if (arrived.push(message) > 1) return;
  // A burst is drawn at once. Nothing is drawn in a hidden tab, where there are no frames.
  if (document.hidden) setTimeout(showArrived, 100);
  else requestAnimationFrame(showArrived);
});

function showArrived() {
  const messages = arrived;
  arrived = [];
  const others = messages.filter((message) => !message.isOwn && !timeline.has(message.id));
  if (!timeline.isAtEnd) unseen += others.length;
  timeline.add(messages);
  // The first message is where the conversation begins.
  if (older.hidden) showOlder();
  showEmpty();
  forgetLeft();
  drawUnsent();
  showLatest();
  if (others.length === 0) return;
  announcer.announce(others.map((message) => message.text));
  if (document.hidden) unread += others.length;
  showTitle();
}
