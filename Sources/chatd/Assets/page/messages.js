// Messages as they arrive.

let arrived = [];

socket.on("chat message", (text, id) => {
  if (lastID !== null && id <= lastID) return;
  lastID = id;
  const time = learnedTimes.get(id) ?? (isCatchingUp ? null : Date.now());
  learnedTimes.delete(id);
  if (time === null) untimed.push(id);
  const isOwn = recognize(text, id);
  if (arrived.push({ id, text, time, isOwn }) > 1) return;
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
  drawUnsent();
  showLatest();
  if (others.length === 0) return;
  announcer.announce(others.map((message) => message.text));
  if (document.hidden) unread += others.length;
  showTitle();
}
