// The history: the latest messages at the start, older ones on scrolling up.

/** The number of messages in one request. */
const PAGE = 60;
/** A page may have to wait for the rate of this user. If the connection ends, the wait does too. */
const HISTORY_MILLISECONDS = 60_000;
const RETRY_MILLISECONDS = 2_000;

/** The server's error for a user who may not read the history. */
const NOT_ALLOWED = "not allowed";
const NO_HISTORY = "You cannot read earlier messages here. New ones will appear.";

/** True if there are messages before the first loaded one. */
let hasOlder = true;
/** The id of the first message that was loaded, before which older ones are loaded. It may have been deleted since. */
let oldestID = null;
let isLoadingOlder = false;
/** False if the server does not let this user read messages from before the connection. */
let mayRead = true;
let catchUpTimer;

/** Asks for messages. `answered` gets the answer; null if there is none, or none that can be used. */
function askHistory(before, limit, answered) {
  socket.timeout(HISTORY_MILLISECONDS).emit("chat history", { before, limit }, (error, answer) => {
    if (!error && answer?.error === NOT_ALLOWED) return readingForbidden();
    if (error || !answer?.messages) return answered(null);
    if (!mayRead) hasOlder = mayRead = true;
    answered(answer);
  });
}

/** The user may not read the history, and so is not to ask again on this connection. */
function readingForbidden() {
  mayRead = hasOlder = isLoadingOlder = false;
  showOlder();
}

/**
 * On the first call, loads the latest messages. Later, checks that the server still has the database of those shown,
 * and the last of them.
 */
function catchUp() {
  clearTimeout(catchUpTimer);
  if (lastID === null && mayRead) showOlder("Loading messages…");
  const since = lastID;
  const shown = timeline.lastID ?? 0;
  askHistory(null, since === null ? PAGE : 1, (answer) => {
    if (!answer) return retryCatchUp();
    const newest = answer.messages.at(-1)?.[0] ?? 0;
    if (since === null) begin(answer, newest);
    else if (newest < shown) compare(shown);
    timeline.followUser();
  });
}

function retryCatchUp() {
  clearTimeout(catchUpTimer);
  if (socket.connected) catchUpTimer = setTimeout(() => socket.connected && catchUp(), RETRY_MILLISECONDS);
}

/**
 * The server's last message is older than the last one shown: the newest ones were deleted, or the server has another
 * database. Removes the deleted ones, or begins anew.
 * @param shown the id of the last message that was shown when the page connected. Later ones may have arrived since.
 */
function compare(shown) {
  askHistory(null, PAGE, (answer) => {
    if (!answer) return retryCatchUp();
    const messages = answer.messages.map(asMessage).filter(({ id }) => id <= shown);
    const last = messages.at(-1);
    const known = last && timeline.get(last.id);
    if (!known || known.text !== last.text || known.time !== last.time) return beginAnew();
    const kept = new Set(messages.map(({ id }) => id));
    forget(new Set(timeline.ids.filter((id) => id >= messages[0].id && id <= shown && !kept.has(id))));
  });
}

/** Removes messages that were deleted. */
function forget(ids) {
  arrived = arrived.filter((message) => !ids.has(message.id));
  timeline.remove(ids);
  if (isLoadingOlder) showEmpty();
  else showOlder();
  timeline.followUser();
}

/** Loads the latest page. */
function begin(answer, newest) {
  // Keep the id of a message that has already arrived live: others up to `newest` may still be in flight, and the
  // answer may be too short to contain them.
  lastID ??= newest;
  hasOlder = answer.more;
  const messages = answer.messages.map(asMessage);
  oldestID = messages[0]?.id ?? null;
  messages.forEach(recognize);
  timeline.add(messages);
  forgetLeft();
  drawUnsent();
  showOlder();
}

/** Discards everything, because the server has another database. */
function beginAnew() {
  timeline.clear();
  lastID = oldestID = null;
  leaving = [];
  for (const entry of outbox.entries) delete entry.id;
  catchUp();
}

timeline.onEdge = loadOlder;
timeline.onForget = () => {
  hasOlder = mayRead;
  oldestID = timeline.firstID;
};

function loadOlder() {
  const before = oldestID ?? timeline.firstID;
  if (isLoadingOlder || !hasOlder || !socket.connected || before === undefined) return;
  isLoadingOlder = true;
  showOlder("Loading earlier messages…");
  askHistory(before, PAGE, (answer) => {
    isLoadingOlder = false;
    if (!answer) return showOlder("Earlier messages could not be loaded.", true);
    hasOlder = answer.more;
    oldestID = answer.messages[0]?.[0] ?? before;
    timeline.add(answer.messages.map(asMessage));
    showOlder();
    timeline.followUser();
  });
}

/** Shows `words` before the first message. Without them, says that the conversation begins there, if it does. */
function showOlder(words, canRetry) {
  timeline.keepPlace(() => {
    // Reserve a line, so that nothing moves when the text appears or disappears.
    older.replaceChildren(words ?? (hasOlder ? "\u00a0" : mayRead ? "The conversation begins here" : NO_HISTORY));
    if (canRetry) older.append(retryButton());
    older.hidden = timeline.messages.length === 0 && mayRead && !words;
    showEmpty();
  });
}

function showEmpty() {
  const isBegun = lastID !== null && mayRead && !hasOlder;
  empty.hidden = !isBegun || timeline.messages.length + outbox.entries.length > 0;
}

function retryButton() {
  const again = document.createElement("button");
  again.type = "button";
  again.className = "plain";
  again.textContent = "Try again";
  again.addEventListener("click", loadOlder);
  return again;
}
