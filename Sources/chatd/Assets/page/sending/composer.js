// The message input.

const MAX_TEXT_BYTES = 64 * 1024;
/** On a touch screen, Enter begins a new line, because no other key does, and the button sends. */
const touch = matchMedia("(pointer: coarse)");
const draft = new Draft();

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value;
  if (!text.trim()) return input.focus();
  if (!hasVisibleText(text)) {
    problem.textContent = "This message has no visible text.";
    return input.focus();
  }
  if (new TextEncoder().encode(text).length > MAX_TEXT_BYTES) {
    problem.textContent = "This is too long: a message may have at most 64 KB.";
    return input.focus();
  }
  input.value = "";
  inputChanged();
  input.focus();
  outbox.add(text);
  timeline.goToEnd();
  sendNext();
});

input.enterKeyHint = touch.matches ? "enter" : "send";

input.addEventListener("keydown", (event) => {
  // During composition (Japanese, Chinese …) the input method handles the keys.
  if (event.isComposing || event.keyCode === 229) return;
  if (isSending(event)) form.requestSubmit();
  else if (!scrollsByKey(event)) return;
  event.preventDefault();
});

function isSending({ key, shiftKey, ctrlKey, metaKey }) {
  return key === "Enter" && (ctrlKey || metaKey || (!shiftKey && !touch.matches));
}

/** Scrolls the conversation if the key has no effect in the input. Returns true if it scrolled. */
function scrollsByKey({ key, shiftKey, altKey, ctrlKey, metaKey }) {
  if (shiftKey || altKey) return false;
  const { selectionStart, selectionEnd, scrollHeight, clientHeight, value } = input;
  const isText = selectionStart !== selectionEnd;
  const shortcut = ctrlKey ? key : metaKey ? { ArrowUp: "Home", ArrowDown: "End" }[key] : "";
  if (/^Page(Up|Down)$/.test(key) && !ctrlKey && !metaKey && scrollHeight <= clientHeight + 2) {
    timeline.turnPage(key === "PageUp" ? -1 : 1);
  } else if (shortcut === "Home" && !isText && selectionStart === 0) {
    timeline.goToBeginning();
  } else if (shortcut === "End" && !isText && selectionStart === value.length) {
    timeline.goToEnd();
  } else {
    return false;
  }
  return true;
}

input.addEventListener("input", inputChanged);

function inputChanged() {
  draft.text = input.value;
  timeline.keepPlace(() => {
    problem.textContent = "";
    fit();
  });
}

/** Sets the input's height to that of its text or placeholder. */
function fit() {
  input.style.height = "auto";
  input.style.height = `${(input.value ? input : hintRuler()).scrollHeight + 2}px`;
  ruler.remove();
}

const ruler = input.cloneNode();

/** An input of the same width with the placeholder as its text, because a placeholder's height cannot be read. */
function hintRuler() {
  ruler.value = input.placeholder;
  Object.assign(ruler.style, { position: "absolute", visibility: "hidden", width: `${input.offsetWidth}px` });
  input.after(ruler);
  return ruler;
}

if (draft.text) input.value = draft.text;
fit();
addEventListener("resize", () => timeline.keepPlace(fit));
