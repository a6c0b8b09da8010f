// Texts that users write.

/**
 * A character that is neither white space nor invisible: zero width spaces, joiners, fillers, the blank braille
 * pattern, the anchors of annotations.
 */
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}\p{Cc}\u2800\ufff9-\ufffb]/u;

function hasVisibleText(text) {
  return VISIBLE.test(text);
}

/** Characters that the server refuses in names: controls, line ends, and those that change the direction of text. */
const NO_NAME = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
/** Characters that look like the mark of a confirmed name: check marks, ballot boxes, roots, shields. */
const MARKS = /[√⎷⍻☑✅✓✔🗸🗹🆗🛡🮱𐄂]\p{M}*/gu;

/** A user's name as it is shown: one line without marks; empty if nothing visible is left. */
function plainName(text) {
  const name = text.replace(NO_NAME, " ").replace(MARKS, " ").replace(/\s+/gu, " ").trim();
  return hasVisibleText(name) ? name : "";
}

/** An element for a user's text, with unknown language and automatic direction. */
function textElement(name) {
  const element = document.createElement(name);
  element.lang = "";
  element.dir = "auto";
  return element;
}
