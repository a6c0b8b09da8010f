// The history: the latest messages at the start, older ones on scrolling up.

/** The number of messages in one request. */
const PAGE = 60;
const ANSWER_MILLISECONDS = 10_000;
const RETRY_MILLISECONDS = 2_000;

/** True if there are messages before the first loaded one. */
let hasOlder = true;
let isLoadingOlder = false;

function askHistory(before, limit, answered) {
  socket.timeout(ANSWER_MILLISECONDS).emit("chat history", { before, limit }, (error, answer) => {
    answered(error || !answer?.messages ? null : answer);
  });
}

/**
 * On the first call, loads the latest messages. Later, checks that the server still has the database of those shown,
 * and the last of them.
 */
function catchUp() {
  if (lastID === null) showOlder("Loading messages…");
  const since = lastID;
  const shown = timeline.lastID ?? 0;
  askHistory(null, since === null ? PAGE : 1, (answer) => {
    if (!answer) {
      if (socket.connected) setTimeout(() => socket.connected && catchUp(), RETRY_MILLISECONDS);
      return;
    }
    const newest = answer.messages.at(-1)?.[0] ?? 0;
    if (since === null) begin(answer, newest);
    else if (newest < shown) beginAnew();
    timeline.followUser();
  });
}

/** Loads the latest page. */
function begin(answer, newest) {
  // Keep the id of a message that has already arrived live: others up to `newest` may still be in flight, and the
  // answer may be too short to contain them.
  lastID ??= newest;
  hasOlder = answer.more;
  const messages = answer.messages.map(asMessage);
  messages.forEach(recognize);
  timeline.add(messages);
  forgetLeft();
  drawUnsent();
  showOlder();
}

/** Discards everything, because the server has another database. */
function beginAnew() {
  timeline.clear();
  lastID = null;
  leaving = [];
  for (const entry of outbox.entries) delete entry.id;
  catchUp();
}

timeline.onEdge = loadOlder;
timeline.onForget = () => (hasOlder = true);

function loadOlder() {
  if (isLoadingOlder || !hasOlder || !socket.connected || timeline.firstID === undefined) return;
  isLoadingOlder = true;
  showOlder("Loading earlier messages…");
  askHistory(timeline.firstID, PAGE, (answer) => {
    isLoadingOlder = false;
    if (!answer) return showOlder("Earlier messages could not be loaded.", true);
    hasOlder = answer.more;
    timeline.add(answer.messages.map(asMessage));
    showOlder();
    timeline.followUser();
  });
}

/** Shows `words` before the first message. Without them, says that the conversation begins there, if it does. */
function showOlder(words, canRetry) {
  timeline.keepPlace(() => {
    // Reserve a line, so that nothing moves when the text appears or disappears.
    older.replaceChildren(words ?? (hasOlder ? "\u00a0" : "The conversation begins here"));
    if (canRetry) older.append(retryButton());
    older.hidden = timeline.messages.length === 0 && !words;
    showEmpty();
  });
}

function showEmpty() {
  empty.hidden = lastID === null || timeline.messages.length + outbox.entries.length > 0;
}

function retryButton() {
  const again = document.createElement("button");
  again.type = "button";
  again.className = "plain";
  again.textContent = "Try again";
  again.addEventListener("click", loadOlder);
  return again;
}
