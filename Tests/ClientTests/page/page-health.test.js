"use strict";
// The page's notices about connection problems, and the transports that it tries.

const test = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { World } = require("../support/world.js");

const page = path.join(__dirname, "../../../Sources/chatd/Assets/page");
const source = ["refusals.js", "health.js"].map((file) => fs.readFileSync(path.join(page, file), "utf8")).join("\n");

const UNKNOWN = { description: 400 };

function start() {
  const { clock } = new World();
  const { setTimeout, clearTimeout } = clock.globals;
  const Health = new Function("setTimeout", "clearTimeout", `"use strict";\n${source}\nreturn Health;`)(
    setTimeout, clearTimeout);
  let changes = 0;
  const health = new Health(() => changes++);
  const fail = (error) => {
    health.failed(error);
    health.lost(error);
  };
  return { health, clock, fail, changes: () => changes };
}

test("one unknown session causes no notice, because the server may have restarted", () => {
  for (const event of ["failed", "lost"]) {
    const { health } = start();
    if (event === "lost") health.connected();
    health[event](UNKNOWN);
    assert.deepEqual([health.words, health.transports], ["", ["polling", "websocket"]]);
  }
});

test("a failed attempt counts once, although it is also reported as a lost connection", () => {
  const { health, fail } = start();
  fail(UNKNOWN);
  assert.equal(health.words, "");
});

test("two consecutive unknown sessions lead to a WebSocket alone, and its success removes the notice", () => {
  const { health, fail } = start();
  fail(UNKNOWN);
  fail(UNKNOWN);
  assert.match(health.words, /different servers. Trying a WebSocket alone/);
  assert.deepEqual(health.transports, ["websocket"]);
  health.connected();
  assert.equal(health.words, "");
  // The WebSocket has worked, so the page keeps to it while the server is unavailable.
  health.lost({ description: "websocket connection closed" });
  fail({});
  assert.deepEqual([health.words, health.transports], ["", ["websocket"]]);
});

test("if the WebSocket alone fails at once, all transports are tried again, with a notice", () => {
  const { health, fail } = start();
  fail(UNKNOWN);
  fail(UNKNOWN);
  fail({});
  assert.match(health.words, /sticky sessions/);
  assert.deepEqual(health.transports, ["polling", "websocket"]);
  fail(UNKNOWN);
  assert.match(health.words, /sticky sessions/, "the notice stays until a connection succeeds");
  health.connected();
  assert.equal(health.words, "");
});

test("short connections count, and a lasting one resets the count", async () => {
  const lucky = start();
  for (let round = 0; round < 2; round++) {
    lucky.health.connected();
    await lucky.clock.advance(1_000);
    lucky.health.lost(UNKNOWN);
  }
  assert.deepEqual(lucky.health.transports, ["websocket"]);
  const lasting = start();
  for (let round = 0; round < 5; round++) {
    lasting.health.connected();
    await lasting.clock.advance(11_000);
    lasting.health.lost(UNKNOWN);
  }
  assert.deepEqual(lasting.health.transports, ["polling", "websocket"]);
});

for (const [status, words] of [
  [404, /cannot be used.*status 404/], [429, /too many connections/], [502, /cannot be used.*status 502/], [0, /^$/],
  [undefined, /^$/],
]) {
  test(`after an attempt that ends with status ${status} the notice matches ${words}`, () => {
    const { health, fail } = start();
    fail({ description: status });
    assert.match(health.words, words);
    assert.equal(health.refusal, "");
    health.connected();
    assert.equal(health.words, "");
  });
}

for (const status of [401, 403]) {
  test(`an answer with status ${status} tells the reason of the refusal, which stays`, () => {
    const { health, fail } = start();
    const error = { description: status, context: { responseText: '{"code":4,"message":"this address is banned"}' } };
    fail(error);
    assert.equal(health.refusal, "The server does not let you in: this address is banned");
    for (const silence of [{ message: "timeout" }, { description: 0 }]) {
      fail(silence);
      assert.match(health.refusal, /banned/, "an attempt without an answer tells nothing else");
    }
    fail({ description: 502 });
    assert.equal(health.refusal, "");
    fail(error);
    health.connected();
    assert.equal(health.refusal, "");
  });
}

test("an answer that is not the server's is told by its status", () => {
  const bodies = ["<html>", "null", "[]", '{"message":5}', '{"message":""}', ""];
  for (const context of [undefined, {}, ...bodies.map((responseText) => ({ responseText }))]) {
    const { health, fail } = start();
    fail({ description: 403, context });
    assert.equal(health.refusal, "The server does not let you in (status 403).");
  }
});

test("when a WebSocket that had worked fails repeatedly, a request asks for the reason", () => {
  const { health, fail } = start();
  fail(UNKNOWN);
  fail(UNKNOWN);
  health.connected();
  health.lost({});
  fail({});
  assert.deepEqual(health.transports, ["websocket"]);
  fail({});
  assert.deepEqual(health.transports, ["polling", "websocket"]);
  fail({ description: 0 });
  fail({ description: 403 });
  assert.match(health.refusal, /status 403/);
  // The refusal has ended. Behind the same proxy, a single unknown session leads back to the WebSocket.
  fail(UNKNOWN);
  assert.deepEqual(health.transports, ["websocket"]);
});

test("a missing acknowledgement causes a notice after five seconds, until one arrives", async () => {
  const { health, clock, changes } = start();
  health.connected();
  health.sent();
  await clock.advance(4_900);
  assert.equal(health.words, "");
  health.sent();
  await clock.advance(200);
  assert.match(health.words, /cannot be stored at the moment. Yours are kept/);
  assert.equal(changes(), 1);
  health.answered();
  assert.equal(health.words, "");
  assert.equal(changes(), 2);
  health.sent();
  await clock.advance(3_000);
  health.answered();
  await clock.advance(60_000);
  assert.deepEqual([health.words, changes(), clock.pending], ["", 2, []]);
});

test("without a connection there is no notice about the store", async () => {
  const { health, clock } = start();
  health.connected();
  health.sent();
  health.lost({});
  await clock.advance(60_000);
  assert.equal(health.words, "");
});
