"use strict";
// The scripts served by chatd: each passes the tests of the sources.

const test = require("node:test");
const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const fs = require("node:fs");
const path = require("node:path");
const { Chatd } = require("./support/chatd.js");

/** The tests that use only the exports for pages. */
const TESTS = fs.readdirSync(__dirname)
  .filter((name) => /^(?!emitter|packets|page|urls|served|real).*\.test\.js$/.test(name));

async function fetchText(url) {
  const response = await fetch(url);
  assert.equal(response.status, 200);
  return response.text();
}

for (const name of ["socket.io.js", "socket.io.min.js"]) {
  test(`${name} passes the tests of its sources`, async (t) => {
    const chatd = await Chatd.start(t);
    const file = path.join(chatd.directory, name);
    fs.writeFileSync(file, await fetchText(`${chatd.url}/socket.io/${name}`));
    const { NODE_TEST_CONTEXT, ...environment } = process.env;
    const child = spawn(process.execPath, ["--test", ...TESTS.map((each) => path.join(__dirname, each))], {
      env: { ...environment, CLIENT_SCRIPT: file }, stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    const [code] = await once(child, "close");
    assert.equal(code, 0, output);
    assert.match(output, /pass 1\d\d/);
  });
}

test("the module has all exports for pages", async (t) => {
  const chatd = await Chatd.start(t);
  const file = path.join(chatd.directory, "client.mjs");
  fs.writeFileSync(file, await fetchText(`${chatd.url}/socket.io/socket.io.esm.min.js`));
  const { io, connect, Manager, Socket, protocol, default: standard } = await import(file);
  assert.ok(io === standard && io === connect && io.Manager === Manager && io.Socket === Socket);
  assert.equal(protocol, 5);
  assert.equal(typeof io("http://localhost:1", { autoConnect: false }).emit, "function");
});

test("the minified scripts are small", async (t) => {
  const chatd = await Chatd.start(t);
  for (const name of ["socket.io.min.js", "socket.io.esm.min.js"]) {
    const size = (await fetchText(`${chatd.url}/socket.io/${name}`)).length;
    assert.ok(size < 20_000, `${name} has ${size} bytes`);
  }
});
