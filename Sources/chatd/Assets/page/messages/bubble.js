// One message as an element.

/** Longer texts are truncated until the user expands them: a single one may have 64 KiB. */
const SHOWN_LENGTH = 1200;
const SHOWN_LINES = 20;

/** The index at which to truncate a text; its length if it is shown whole. */
function shownLength(text) {
  let end = 0;
  for (let line = 0; line < SHOWN_LINES && end >= 0; line++) end = text.indexOf("\n", end + 1);
  const cut = Math.min(end < 0 ? text.length : end, SHOWN_LENGTH);
  // A slightly longer text is shown whole, and a surrogate pair is not split.
  if (text.length - cut < SHOWN_LENGTH / 4 && end < 0) return text.length;
  return text.charCodeAt(cut) >>> 10 === 0x37 ? cut - 1 : cut;
}

/**
 * @param {{text: string, author?: string, name?: string, proved?: boolean, isExpanded?: boolean}} message
 * @returns {HTMLLIElement} with a `.text`, and a `.note` for the state of the message.
 */
function bubble(message, isOwn) {
  const element = document.createElement("li");
  element.className = isOwn ? "message own" : "message";
  const text = textElement("p");
  text.className = "text";
  if (isOwn) {
    const author = document.createElement("span");
    author.className = "quiet";
    author.textContent = "You: ";
    element.append(author);
  } else if (authorName(message)) {
    element.append(authorElement(message));
  }
  const length = message.isExpanded ? message.text.length : shownLength(message.text);
  text.textContent = message.text.slice(0, length);
  if (!hasVisibleText(message.text)) {
    text.classList.add("invisible");
    text.textContent = "No visible text";
    text.lang = "en";
  }
  // In an element of their own, so that text and note alone decide whether they fit beside each other.
  const body = document.createElement("div");
  body.className = "body";
  body.append(text);
  if (length < message.text.length) {
    const more = document.createElement("button");
    more.type = "button";
    more.className = "more";
    more.textContent = "Show all";
    more.addEventListener("click", () => {
      message.isExpanded = true;
      text.textContent = message.text;
      text.tabIndex = -1;
      text.focus({ preventScroll: true });
      more.remove();
    });
    text.append("…");
    body.append(more);
  }
  const note = document.createElement("span");
  note.className = "note";
  body.append(note);
  element.append(body);
  return element;
}
