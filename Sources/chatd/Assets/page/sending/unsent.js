// The unacknowledged messages, shown below the others.

/** The age at which a message gets a note that it is not sent yet. Most are acknowledged sooner. */
const FRESH_MILLISECONDS = 1_000;

/** Shows the waiting messages below the others. A message gets no note while it has just been sent. */
function drawUnsent() {
  // An arrived message is drawn in the next frame and stays here until then.
  const isShownAbove = (id) => id <= lastID && !arrived.some((message) => message.id === id);
  const entries = [...leaving, ...outbox.entries].filter(({ id }) => id === undefined || !isShownAbove(id));
  const elements = entries.map(unsentElement);
  const shown = [...unsentList.children];
  if (elements.length === shown.length && elements.every((element, index) => element === shown[index])) return;
  timeline.keepPlace(() => arrange(unsentList, elements));
}

/** The note on a waiting message; empty while it has just been sent, or has arrived but is not drawn yet. */
function unsentWords(entry) {
  if (entry.refusal) return `Not sent: ${entry.refusal}`;
  if (leaving.includes(entry)) return "";
  if (!socket.connected) {
    entry.isLate = true;
    return "Waits for the connection";
  }
  if (refused && outbox.entries[0] === refused) return "Waits for the message above";
  if (entry.isHeldBack) return "Waits, because you send faster than the server allows";
  if (entry.isLate) return health.storing ? "Waits until it can be stored" : "Sending…";
  // One timer per message, however often it is drawn.
  entry.lateTimer ??= setTimeout(() => {
    entry.isLate = true;
    drawUnsent();
  }, FRESH_MILLISECONDS);
  return "";
}

/** The element of an entry, which is reused while its note does not change. */
function unsentElement(entry) {
  const words = unsentWords(entry);
  if (entry.element?.dataset.words === words) return entry.element;
  const element = bubble(entry, true);
  entry.element = element;
  element.dataset.words = words;
  element.classList.toggle("fresh", !words);
  element.classList.toggle("refused", !!entry.refusal);
  const note = element.querySelector(".note");
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
