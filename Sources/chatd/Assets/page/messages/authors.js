// Who wrote a message: the name to show, and a color and initials that tell authors apart.

/** The number of colors; page.css has one class for each. */
const TINTS = 10;
/** The time in milliseconds after which a message of the same author begins a new group. */
const GROUP_MILLISECONDS = 600_000;

/** The sign of a confirmed name. It is a drawing, which no name can contain. */
const CONFIRMED = "M8 0a8 8 0 1 0 0 16A8 8 0 0 0 8 0Z";
const CHECK = "m4.5 8.3 2.5 2.4 4.6-5.2";

/** A short name to show; empty if nothing is known about the author. */
function authorName({ author, name }) {
  const plain = plainName(name ?? "");
  if (plain || !author) return plain;
  // Without an identity, the id is a hash, of which a few digits tell guests apart.
  return /^[0-9a-f]{32}$/.test(author) ? `Guest ${author.slice(0, 4)}` : plainName(author.slice(0, 40));
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

function confirmedSign() {
  const svg = (name, attributes, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  return svg(
    "svg", { class: "proved", viewBox: "0 0 16 16", role: "img", "aria-label": "verified" },
    svg("title", {}, "This site has confirmed who this is"), svg("path", { d: CONFIRMED }), svg("path", { d: CHECK }));
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
  // The direction of the name does not affect the line around it.
  const words = textElement("bdi");
  words.className = "name";
  words.textContent = name;
  element.append(letters, words);
  if (message.proved) element.append(confirmedSign());
  else if (message.name) words.title = "The author chose this name";
  const colon = document.createElement("span");
  colon.className = "quiet";
  colon.textContent = ": ";
  element.append(colon);
  return element;
}
