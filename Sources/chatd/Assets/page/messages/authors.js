// Who wrote a message: the name to show, and a color and initials that tell authors apart.

/** The number of colors; page.css has one class for each. */
const TINTS = 10;
/** The time in milliseconds after which a message of the same author begins a new group. */
const GROUP_MILLISECONDS = 600_000;

/** A short name to show; empty if nothing is known about the author. */
function authorName({ author, name }) {
  if (name) return name;
  if (!author) return "";
  // Without an identity, the id is a hash, of which a few digits tell guests apart.
  return /^[0-9a-f]{32}$/.test(author) ? `Guest ${author.slice(0, 4)}` : author.slice(0, 40);
}

/** The first letters of the first and the last word of a name. */
function initials(name) {
  const words = name.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? [];
  const chosen = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return chosen.map((word) => [...word][0].toUpperCase()).join("") || "·";
}

/** A number below `TINTS`, always the same for the same author. */
function tint({ author, name }) {
  let sum = 0;
  for (const character of author ?? name ?? "") sum = (sum * 31 + character.codePointAt(0)) % 65_521;
  return sum % TINTS;
}

/** True if `message` goes on where `before`, the message above it, has ended: same author, and soon afterwards. */
function continues(before, message) {
  if (!before || before.author !== message.author || before.name !== message.name) return false;
  if (before.proved !== message.proved || !authorName(message)) return false;
  return !before.time || !message.time || message.time - before.time < GROUP_MILLISECONDS;
}

/** The line with the author of a message. */
function authorElement(message) {
  const name = authorName(message);
  const element = document.createElement("span");
  element.className = `author tint${tint(message)}`;
  const letters = document.createElement("span");
  letters.className = "initials";
  letters.setAttribute("aria-hidden", "true");
  letters.textContent = initials(name);
  const words = textElement("span");
  words.className = "name";
  words.textContent = name;
  element.append(letters, words);
  if (message.proved) {
    const mark = document.createElement("span");
    mark.className = "proved";
    mark.title = "This site has confirmed who this is";
    mark.textContent = "✓";
    const said = document.createElement("span");
    said.className = "quiet";
    said.textContent = " (confirmed)";
    element.append(mark, said);
  } else if (message.name) {
    words.title = "The author chose this name";
  }
  const colon = document.createElement("span");
  colon.className = "quiet";
  colon.textContent = ": ";
  element.append(colon);
  return element;
}
