// The page: brings the server, the timeline, the outbox and the user together.

/** How many messages are asked for at once. */
const PAGE = 60;
/** The most that the server gives at once. */
const LARGEST_PAGE = 200;
/** After a long absence, times are asked for so many pages back. */
const TIME_PAGES = 10;
const ANSWER_MILLISECONDS = 10_000;
const RETRY_MILLISECONDS = 2_000;
/** A message that is younger is not called unsent: most go through at once. */
const FRESH_MILLISECONDS = 1_000;
const MAX_TEXT_BYTES = 64 * 1024;

const [state, toggle, scroller, older, empty, list, unsentList, latest, form, input, problem, announcer] = [
  "state", "toggle", "scroller", "older", "empty", "messages", "unsent", "latest", "form", "input", "problem",
  "announcer",
].map((id) => document.getElementById(id));

if (typeof io === "undefined") {
  state.dataset.state = "disconnected";
  state.textContent = "The client could not be loaded. Reload the page.";
  throw new Error("/socket.io/socket.io.min.js is missing");
}

/** Everything up to this message has arrived; null before the first answer. */
let lastID = null;
/** Whether there are messages before the first one known. */
let hasOlder = true;
let isLoadingOlder = false;
let unseen = 0;
let unread = 0;

const own = new OwnMessages();
const timeline = new Timeline(scroller, list, (id) => own.has(id));
const outbox = new Outbox(() => outboxChanged());
const socket = io({ auth: (give) => give(lastID === null ? { latest: 0 } : { serverOffset: lastID }) });

// The connection

socket.on("connect", () => {
  showState();
  catchUp();
  sendNext();
});

socket.on("disconnect", () => {
  isCatchingUp = true;
  showState();
  drawUnsent();
});

socket.on("connect_error", showState);
socket.io.on("reconnect_attempt", showState);

toggle.addEventListener("click", () => {
  if (socket.active) socket.disconnect();
  else socket.connect();
  showState();
});

function showState() {
  const waiting = outbox.entries.length;
  const [name, words] = socket.connected
    ? ["connected", "Connected"]
    : socket.active
      ? ["connecting", lastID === null ? "Connecting…" : "Reconnecting…"]
      : ["disconnected", "Disconnected"];
  state.dataset.state = name;
  const text = socket.connected || waiting === 0 ? words : `${words} (${waiting}\u00a0unsent)`;
  // It is a live region: only what is news is said.
  if (state.textContent !== text) state.textContent = text;
  toggle.textContent = socket.active ? "Disconnect" : "Connect";
}

// Messages that come

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
  announcer.textContent = others.length === 1 ? others[0].text.slice(0, 300) : `${others.length} new messages`;
  if (document.hidden) unread += others.length;
  showTitle();
}

// What was before

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

// Sending

/** The message under way: one at a time, so that they arrive in order. */
let sending = null;
let retryTimer;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim() ? input.value : "";
  if (!text) return input.focus();
  if (new TextEncoder().encode(text).length > MAX_TEXT_BYTES) {
    problem.textContent = "This is too long: a message may have 64 KB.";
    return input.focus();
  }
  input.value = "";
  inputChanged();
  input.focus();
  outbox.add(text);
  timeline.goToEnd();
  sendNext();
});

function sendNext() {
  clearTimeout(retryTimer);
  if (sending || !socket.connected) return;
  const entry = outbox.entries.find((entry) => !entry.refusal);
  if (!entry) return;
  sending = entry;
  entry.tries++;
  socket.timeout(ANSWER_MILLISECONDS).emit("chat message", entry.text, entry.offset, (error, answer) => {
    if (sending === entry) sending = null;
    if (error) {
      // The connection is lost, or the server could not store it. The same offset keeps it from being stored twice.
      entry.isLate = true;
      retryTimer = setTimeout(sendNext, RETRY_MILLISECONDS);
      return drawUnsent();
    }
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

/** Shows what waits, below the messages. What goes through at once is not worth a word. */
function drawUnsent() {
  // A message that has come is drawn with the next frame; until then it stays here.
  const entries = [...leaving, ...outbox.entries].filter(({ id }) => !id || arrived.some((message) => message.id === id));
  const elements = entries.map(unsentElement);
  const shown = [...unsentList.children];
  if (elements.length === shown.length && elements.every((element, index) => element === shown[index])) return;
  timeline.keepPlace(() => arrange(unsentList, elements));
}

/** What is said about a message that waits; nothing while it has just been sent, or is only to be drawn above. */
function unsentWords(entry) {
  if (entry.refusal) return `Not sent: ${entry.refusal}`;
  if (leaving.includes(entry)) return "";
  if (!socket.connected) {
    entry.isLate = true;
    return "Waits for the connection";
  }
  if (entry.isLate) return "Sending…";
  // One timer for each message, however often it is drawn meanwhile.
  entry.lateTimer ??= setTimeout(() => {
    entry.isLate = true;
    drawUnsent();
  }, FRESH_MILLISECONDS);
  return "";
}

/** The element of an entry, the same as long as the same is said about it. */
function unsentElement(entry) {
  const words = unsentWords(entry);
  if (entry.element?.dataset.words === words) return entry.element;
  const element = bubble(entry, true);
  entry.element = element;
  element.dataset.words = words;
  element.classList.toggle("fresh", !words);
  element.classList.toggle("refused", !!entry.refusal);
  const note = element.lastElementChild;
  if (words) {
    const said = document.createElement("span");
    said.className = "state";
    said.textContent = words;
    note.append(said);
  }
  if (!entry.refusal) return element;
  const discard = document.createElement("button");
  discard.type = "button";
  discard.className = "plain";
  discard.textContent = "Discard";
  discard.addEventListener("click", () => {
    outbox.remove(entry);
    input.focus();
  });
  note.append(discard);
  return element;
}

// The input

input.addEventListener("keydown", (event) => {
  // Enter also ends the choice of a word where one is composed of several keys.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  form.requestSubmit();
});

input.addEventListener("input", inputChanged);

function inputChanged() {
  timeline.keepPlace(() => {
    problem.textContent = "";
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight + 2}px`;
  });
}

// Where the user is

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

// The browser asks whether to leave when a message could not be saved for the next page.
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
