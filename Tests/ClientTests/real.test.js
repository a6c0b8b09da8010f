"use strict";
// The client against a real server, with Node's own fetch, and its WebSocket if it has one.

const test = require("node:test");
const assert = require("node:assert/strict");
const { Chatd } = require("./support/chatd.js");
const { load } = require("./support/client.js");

const { io } = load();
const WAYS = [["polling"]].concat(typeof WebSocket === "function" ? [["websocket"], ["polling", "websocket"]] : []);

/** The page of the tutorial's last step. */
function tutorialPage(test, chatd, transports) {
  const options = {
    transports, forceNew: true, auth: { serverOffset: 0 }, ackTimeout: 2000, retries: 3, reconnectionDelay: 50,
  };
  const socket = io(chatd.url, options);
  const page = { socket, messages: [], counter: 0 };
  page.say = (text) => socket.emit("chat message", text, `${socket.id}-${page.counter++}`);
  socket.on("chat message", (text, offset) => {
    page.messages.push(text);
    socket.auth.serverOffset = offset;
  });
  test.after(() => socket.disconnect());
  return page;
}

async function until(condition, what) {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `waited for ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const messages = (page, count) =>
  until(() => page.messages.length >= count, () => `${count} messages, got ${page.messages}`);

for (const transports of WAYS) {
  test(`two pages chat by ${transports.join(" and ")}`, async (t) => {
    const chatd = await Chatd.start(t);
    const [one, two] = [tutorialPage(t, chatd, transports), tutorialPage(t, chatd, transports)];
    one.say("hello <b>é</b> \u2028 😀");
    await messages(two, 1);
    two.say("hi");
    await messages(one, 2);
    await messages(two, 2);
    assert.deepEqual(one.messages, two.messages);
    await until(() => one.socket.io.engine.transport.name === transports.at(-1), () => "the upgrade");
    const result = await one.socket.emitWithAck("chat message", "three", "x-3").then(() => "acknowledged");
    assert.equal(result, "acknowledged");
  });

  test(`a kill of the server loses and repeats nothing by ${transports.join(" and ")}`, async (t) => {
    const chatd = await Chatd.start(t);
    const [one, two] = [tutorialPage(t, chatd, transports), tutorialPage(t, chatd, transports)];
    for (let index = 0; index < 20; index++) one.say(`before ${index}`);
    await messages(two, 5);
    await chatd.kill();
    await until(() => !one.socket.connected && !two.socket.connected, () => "both to notice");
    one.say("one while it is down");
    two.say("two while it is down");
    await chatd.run();
    await messages(one, 22);
    await messages(two, 22);
    two.say("after");
    await messages(one, 23);
    await messages(two, 23);
    assert.deepEqual(one.messages, two.messages);
    assert.equal(new Set(one.messages).size, 23);
    const ofOne = one.messages.filter((text) => !text.startsWith("two") && text !== "after");
    assert.deepEqual(ofOne, [...Array.from({ length: 20 }, (_, index) => `before ${index}`), "one while it is down"]);
  });
}
