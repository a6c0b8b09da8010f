// The history: the latest messages at the start, older ones on scrolling up, and the times of all.

/** How many messages are asked for at once. */
const PAGE = 60;
/** The most that the server gives at once. */
const LARGEST_PAGE = 200;
/** After a long absence, times are asked for so many pages back. */
const TIME_PAGES = 10;
const ANSWER_MILLISECONDS = 10_000;
const RETRY_MILLISECONDS = 2_000;

/** Whether there are messages before the first one known. */
let hasOlder = true;
let isLoadingOlder = false;

/** Times of messages that the server has told but not sent yet. */
const learnedTimes = new Map();
/** Messages that came before it was known whether they are old. */
let untimed = [];
let isCatchingUp = true;

function askHistory(before, limit, answered) {
  socket.timeout(ANSWER_MILLISECONDS).emit("chat history", { before, limit }, (error, answer) => {
    answered(error || !answer?.messages ? null : answer);
  });
}

function asMessage([id, text, time]) {
  return { id, text, time: time || null };
}

/** The first time: gets the latest messages. Later: gets the times of those that came meanwhile. */
function catchUp() {
  isCatchingUp = true;
  if (lastID === null) showOlder("Loading messages…");
  const since = lastID;
  askHistory(null, since === null ? PAGE : LARGEST_PAGE, (answer) => {
    if (!answer) {
      if (socket.connected) setTimeout(() => socket.connected && catchUp(), RETRY_MILLISECONDS);
      return;
    }
    isCatchingUp = false;
    const newest = answer.messages.at(-1)?.[0] ?? 0;
    if (since === null || newest < since) begin(answer, newest, since);
    learnTimes(answer, since ?? newest, TIME_PAGES);
    // What is newer than the answer was stored just now.
    for (const id of untimed) if (id > newest) setTime(id, Date.now());
    untimed = [];
    timeline.refresh();
    timeline.followUser();
  });
}

/** Begins with the latest page: there was nothing yet, or it is of another database. */
function begin(answer, newest, since) {
  if (since !== null) timeline.clear();
  // The answer may overtake messages that are on their way, and be too short to have them all.
  if (since !== null || lastID === null) lastID = newest;
  hasOlder = answer.more;
  timeline.add(answer.messages.map(asMessage));
  showOlder();
}

function setTime(id, time) {
  if (id > lastID) learnedTimes.set(id, time);
  const waiting = arrived.find((message) => message.id === id);
  if (waiting) waiting.time = time;
  else timeline.setTime(id, time);
}

/** Takes the times from the history, back to a message whose time is known. */
function learnTimes(answer, since, pages) {
  for (const [id, , time] of answer.messages) if (time) setTime(id, time);
  timeline.refresh();
  const oldest = answer.messages[0]?.[0] ?? 0;
  if (oldest <= since || !answer.more || pages <= 1) return;
  askHistory(oldest, LARGEST_PAGE, (next) => next && learnTimes(next, since, pages - 1));
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

/** Says what is before the first message; without words, what is known about it. */
function showOlder(words, canRetry) {
  timeline.keepPlace(() => {
    // A place is kept for the words, so that nothing moves when they come and go.
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
