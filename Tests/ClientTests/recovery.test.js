"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { World, connectedSocket, acceptConnection, record } = require("./support/world.js");

const FIRST = '40{"sid":"s1","pid":"p1"}';

/** Loses the connection and reconnects with this answer. Returns the client's CONNECT. */
async function reconnect(world, answer = FIRST) {
  await world.webSocket.end();
  await world.clock.advance(5000);
  const webSocket = await acceptConnection(world, null);
  const [connect] = webSocket.take();
  await webSocket.deliver(answer);
  return connect;
}

test("CONNECT has the pid and the last event's offset before the members of auth", async () => {
  const world = new World();
  const socket = await connectedSocket(world, { auth: { serverOffset: 7 } }, { connect: FIRST });
  await world.webSocket.deliver('42["a",1,"offset-1"]', '42["b","offset-2"]');
  assert.equal(await reconnect(world), '40{"pid":"p1","offset":"offset-2","serverOffset":7}');
  assert.deepEqual([socket.recovered, socket.id], [true, "s1"]);
});

test("before any event, CONNECT has a pid but no offset", async () => {
  const world = new World();
  await connectedSocket(world, {}, { connect: FIRST });
  assert.equal(await reconnect(world), '40{"pid":"p1"}');
});

test("without recovery at the server, CONNECT has neither pid nor offset", async () => {
  const world = new World();
  const socket = await connectedSocket(world);
  await world.webSocket.deliver('42["a","text"]');
  assert.equal(await reconnect(world, '40{"sid":"s2"}'), "40");
  assert.equal(socket.recovered, false);
});

test("a string before the first pid is not an offset", async () => {
  const world = new World();
  await connectedSocket(world);
  await world.webSocket.deliver('42["a","text"]');
  await reconnect(world);
  assert.equal(await reconnect(world), '40{"pid":"p1"}');
});

/** [the last packet, its messages, the offset in the next CONNECT]; "before" is the offset of the event before it. */
const OFFSETS = [
  ["an event that consists of its name", ['42["lonely"]'], "lonely"],
  ["an event that ends with an empty string", ['42["a",""]'], ""],
  ["an event that ends with a number", ['42["a",5]'], "before"],
  ["events that end with a nested string", ['42["a",["x"]]', '42["a",{"b":"c"}]'], "before"],
  ["an event that requests an acknowledgement", ['427["a","x"]'], "before"],
  ["an acknowledgement", ['430["x"]'], "before"],
  ["a binary event that ends with a string",
    ['451-["a",{"_placeholder":true,"num":0},"binary"]', new ArrayBuffer(1)], "binary"],
];

for (const [packet, packets, offset] of OFFSETS) {
  test(`after ${packet} the offset is ${JSON.stringify(offset)}`, async () => {
    const world = new World();
    await connectedSocket(world, {}, { connect: FIRST });
    await world.webSocket.deliver('42["a","before"]', ...packets);
    assert.equal(JSON.parse((await reconnect(world)).slice(2)).offset, offset);
  });
}

test("with a new pid the session was not recovered, and the old session's offset is kept", async () => {
  const world = new World();
  const socket = await connectedSocket(world, {}, { connect: FIRST });
  await world.webSocket.deliver('42["a","old"]');
  await reconnect(world, '40{"sid":"s2","pid":"p2"}');
  assert.equal(socket.recovered, false);
  assert.equal(await reconnect(world, '40{"sid":"s2","pid":"p2"}'), '40{"pid":"p2","offset":"old"}');
  assert.equal(socket.recovered, true);
});

test("disconnect() keeps the pid for a later connect()", async () => {
  const world = new World();
  const socket = await connectedSocket(world, {}, { connect: FIRST });
  await world.webSocket.deliver('42["a","x"]');
  socket.disconnect().connect();
  await acceptConnection(world, null);
  assert.deepEqual(world.webSocket.take(), ['40{"pid":"p1","offset":"x"}']);
});

test("missed events before the answer are emitted before connect, and update the offset", async () => {
  const world = new World();
  const socket = await connectedSocket(world, {}, { connect: FIRST });
  const events = record(socket, "a", "connect");
  await world.webSocket.end();
  await world.clock.advance(5000);
  const webSocket = await acceptConnection(world, null);
  await webSocket.deliver('42["a","missed"]', FIRST, '42["a","live"]');
  assert.deepEqual(events, [["a", "missed"], ["connect"], ["a", "live"]]);
  assert.equal(await reconnect(world), '40{"pid":"p1","offset":"live"}');
});

test("each namespace has its own pid and offset", async () => {
  const world = new World();
  const main = await connectedSocket(world, {}, { connect: FIRST });
  main.io.socket("/b");
  await world.webSocket.deliver('40/b,{"sid":"s9","pid":"p9"}', '42["a","main"]', '42/b,["a","other"]');
  await world.webSocket.end();
  await world.clock.advance(5000);
  const webSocket = await acceptConnection(world, null);
  assert.deepEqual(webSocket.take(), ['40{"pid":"p1","offset":"main"}', '40/b,{"pid":"p9","offset":"other"}']);
});
