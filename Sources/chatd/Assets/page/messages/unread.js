// The number of unread messages, in the title and on the button that scrolls to them.

/** The number of messages by others that arrived below the visible part of the conversation. */
let unseen = 0;
/** The number of messages by others that arrived while the tab was hidden. */
let unread = 0;

timeline.onScroll = () => {
  if (timeline.isAtEnd) unseen = 0;
  showLatest();
};

function showLatest() {
  const isFar = !timeline.isAtEnd && (unseen > 0 || timeline.distanceToEnd > 200);
  latest.hidden = !isFar;
  latest.classList.toggle("new", unseen > 0);
  latest.textContent = unseen === 0 ? "Latest messages" : unseen === 1 ? "1 new message" : `${unseen} new messages`;
}

latest.addEventListener("click", () => {
  timeline.goToEnd();
  input.focus({ preventScroll: true });
});

function showTitle() {
  document.title = unread ? `(${unread}) chatd` : "chatd";
}

// The browser asks for confirmation before it closes a page with a message that could not be saved.
addEventListener("beforeunload", (event) => {
  if (outbox.hasUnsaved) event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unread = 0;
  showTitle();
  timeline.refresh();
});

setInterval(() => timeline.refresh(), 60_000);

showState();
