"use strict";
// What the page tells a user that the server refuses.

const test = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");

const source = fs.readFileSync(path.join(__dirname, "../../../Sources/chatd/Assets/page/refusals.js"), "utf8");
const { refusalWords, endWords } = new Function(`"use strict";\n${source}\nreturn { refusalWords, endWords };`)();

test("a ban tells its end, if that is a time to come", () => {
  const until = Date.now() + 90 * 86_400_000;
  const year = String(new Date(until).getFullYear());
  for (const words of [refusalWords({ message: "banned", data: { until } }), endWords({ reason: "banned", until })]) {
    assert.match(words, /^The operator has banned you until .+\.$/);
    assert.ok(words.includes(year), words);
  }
  for (const data of [undefined, null, {}, { until: "soon" }, { until: null }, { until: 1e300 }, { until: 1 }]) {
    assert.equal(refusalWords({ message: "banned", data }), "The operator has banned you.", JSON.stringify(data));
  }
});

test("an unauthorized user learns what to do", () => {
  const words = (reason) => refusalWords({ message: "unauthorized", data: reason && { reason } });
  assert.match(words("missing"), /not signed in/);
  assert.match(words("expired"), /sign-in has expired/);
  assert.match(words("unavailable"), /at the moment/);
  for (const reason of [undefined, "signature", "constructor"]) {
    assert.match(words(reason), /does not know who you are/);
  }
});

test("other refusals are shown with their message, which may be long", () => {
  assert.equal(refusalWords({ message: "members only" }), "The server does not let you in: members only");
  assert.match(refusalWords({ message: "invalid name", data: { reason: "name" } }), /Choose another one/);
  assert.ok(refusalWords({ message: "x".repeat(5_000) }).length < 400);
});

test("the end of a connection is told with its reason", () => {
  assert.match(endWords({ reason: "expired" }), /sign-in has expired/);
  assert.equal(endWords({ reason: "go outside" }), "The operator has disconnected you: go outside");
  for (const data of [undefined, {}, { reason: 5 }, { reason: "disconnected" }]) {
    assert.equal(endWords(data), "The operator has disconnected you.");
  }
});
