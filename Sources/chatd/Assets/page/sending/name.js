// The name that the user has chosen, kept in the local storage. A server that knows its users has names of its own.

const NAME_KEY = "chatd.name";
/** The server's limit in bytes. */
const MAX_NAME_BYTES = 128;

/** A name as the server accepts it and other pages show it; empty for none. */
function cleanName(text) {
  const characters = [...plainName(text)];
  while (new TextEncoder().encode(characters.join("")).length > MAX_NAME_BYTES) characters.pop();
  return plainName(characters.join(""));
}

function readName() {
  try {
    return cleanName(localStorage.getItem(NAME_KEY) ?? "");
  } catch {
    return "";
  }
}

let ownName = readName();
nameInput.value = ownName;

/** Uses another name from now on. The server learns it when the page connects again. */
function setName(name) {
  nameInput.value = name;
  if (name === ownName) return;
  ownName = name;
  if (socket.active) socket.disconnect().connect();
}

function sayNameProblem(words) {
  timeline.keepPlace(() => say(nameProblem, words));
}

nameInput.addEventListener("input", () => sayNameProblem(""));

nameInput.addEventListener("change", () => {
  const name = cleanName(nameInput.value);
  sayNameProblem(
    nameInput.value.search(MARKS) < 0 ? "" : "A name has no check marks: they look like the sign of a confirmed name.");
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch {
    // Without a storage, the name is kept until the page closes.
  }
  setName(name);
});

nameInput.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.isComposing) input.focus();
});

addEventListener("storage", ({ key, newValue }) => {
  if (key === NAME_KEY) setName(cleanName(newValue ?? ""));
});

/** Asks the server who it takes the user for. */
function askIdentity() {
  socket.timeout(ANSWER_MILLISECONDS).emit("chat identity", (error, answer) => {
    if (error || !answer) return;
    // A server that knows its users has another id than the secret's hash, and keeps the user from choosing a name.
    const isKnown = Boolean(answer.author) && answer.author !== authorOf(identity);
    // Otherwise leave the field alone: the user may be typing.
    if (isKnown || nameInput.readOnly) nameInput.value = isKnown ? authorName(answer) : ownName;
    nameInput.readOnly = isKnown;
    nameInput.title = isKnown ? "Your name on this site" : "";
    if (answer.author && answer.author !== ownAuthor) {
      ownAuthor = answer.author;
      timeline.redraw();
    }
  });
}
