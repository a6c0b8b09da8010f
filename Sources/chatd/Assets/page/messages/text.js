// Texts that users write.

/**
 * A character that is neither white space nor invisible: zero width spaces, joiners, fillers, the blank braille
 * pattern, the anchors of annotations.
 */
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}\p{Cc}\u2800\ufff9-\ufffb]/u;

function hasVisibleText(text) {
  return VISIBLE.test(text);
}

/** An element for a user's text, with unknown language and automatic direction. */
function textElement(name) {
  const element = document.createElement(name);
  element.lang = "";
  element.dir = "auto";
  return element;
}
