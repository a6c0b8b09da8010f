"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");

const page = path.join(__dirname, "../../../Sources/chatd/Assets/page");
const source = ["text.js", "authors.js"]
  .map((file) => fs.readFileSync(path.join(page, "messages", file), "utf8")).join("\n");
const { authorName, initials, tint, continues, TINTS } = new Function(
  `"use strict";\n${source}\nreturn { authorName, initials, tint, continues, TINTS };`)();

const HASH = "0123456789abcdef0123456789abcdef";

test("an author has its name, else a few digits of its hash, else its id", () => {
  assert.equal(authorName({ author: HASH, name: "Ada" }), "Ada");
  assert.equal(authorName({ author: HASH }), "Guest 0123");
  assert.equal(authorName({ author: "ada" }), "ada");
  assert.equal(authorName({ author: "x".repeat(1000) }).length, 40);
  assert.equal(authorName({}), "");
});

test("a name is shown without what looks like the sign of a confirmed name, and on one line", () => {
  for (const [name, shown] of [
    ["Ada ✓", "Ada"], ["✔️ Ada", "Ada"], ["Ada✅King", "Ada King"], ["☑️🆗 Ada 🛡️", "Ada"], ["√Ada", "Ada"],
    ["Ada\u202e\u2066\nKing", "Ada King"], ["Ünal 🙂", "Ünal 🙂"], ["❤️", "❤️"],
  ]) {
    assert.equal(authorName({ author: HASH, name }), shown, name);
  }
  assert.equal(authorName({ author: HASH, name: "✓" }), "Guest 0123");
  assert.equal(authorName({ author: "ada ✓\u202e" }), "ada");
  assert.equal(authorName({ name: "✓" }), "");
});

test("initials are those of the first and the last word, in any script", () => {
  for (const [name, letters] of [
    ["Ada", "A"], ["Ada King Lovelace", "AL"], ["ada", "A"], ["  ~x", "X"], ["Émile Zola", "ÉZ"], ["王小明", "王"],
    ["𝒜da", "𝒜"], ["Guest 3fa2", "G3"], ["👋", "·"], ["", "·"],
  ]) {
    assert.equal(initials(name), letters, name);
  }
});

test("a color depends on the author's id, and all colors are in use", () => {
  assert.equal(tint({ author: "ada", name: "Ada" }), tint({ author: "ada", name: "Ada L." }));
  const found = new Set(Array.from({ length: 500 }, (_, number) => tint({ author: `user ${number}` })));
  const all = Array.from({ length: TINTS }, (_, index) => index);
  assert.deepEqual([...found].sort((one, other) => one - other), all);
});

test("the style has a color for each number, for light and dark", () => {
  const style = fs.readFileSync(path.join(page, "page.css"), "utf8");
  for (let number = 0; number < TINTS; number++) {
    assert.equal(style.split(`.tint${number} {`).length - 1, 2, `${number}`);
  }
});

test("a group ends with another author, another name and a long pause", () => {
  const one = { author: "ada", name: "Ada", proved: true, time: 1_000 };
  assert.ok(continues(one, { ...one, time: 2_000 }));
  assert.ok(continues({ ...one, time: null }, one));
  for (const other of [
    { ...one, author: "bob" }, { ...one, name: "Ada L." }, { ...one, proved: false },
    { ...one, time: 601_001 },
  ]) {
    assert.ok(!continues(one, other));
  }
  assert.ok(!continues(undefined, one));
  assert.ok(!continues({ time: 1 }, { time: 2 }), "nothing is known about the authors");
});
