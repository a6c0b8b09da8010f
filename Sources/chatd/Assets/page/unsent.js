// Messages that are not acknowledged yet, as they are shown below the others.

/** A message that is younger is not called unsent: most go through at once. */
const FRESH_MILLISECONDS = 1_000;

/** Shows what waits, below the messages. What goes through at once is not worth a word. */
function drawUnsent() {
  // A message that has come is drawn with the next frame; until then it stays here.
  const isShownAbove = (id) => id <= lastID && !arrived.some((message) => message.id === id);
  const entries = [...leaving, ...outbox.entries].filter(({ id }) => id === undefined || !isShownAbove(id));
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
  if (entry.isLate) return health.storing ? "Waits until it can be stored" : "Sending…";
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
