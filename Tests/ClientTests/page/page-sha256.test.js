"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const source = fs.readFileSync(path.join(__dirname, "../../../Sources/chatd/Assets/page/sending/sha256.js"), "utf8");
const sha256 = new Function(`"use strict";\n${source}\nreturn sha256;`)();

test("the page's SHA-256 is correct for texts of every length around a block", () => {
  for (let length = 0; length < 200; length++) {
    for (const text of ["x".repeat(length), "é🙂".repeat(length)]) {
      assert.equal(sha256(text), createHash("sha256").update(text).digest("hex"), `${length}`);
    }
  }
});
