"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { World, settle, connectedSocket, acceptConnection } = require("./support/world.js");

const OPTIONS = { retries: 3, ackTimeout: 10_000, randomizationFactor: 0 };

async function sent(world) {
  await settle();
  return world.webSocket.take();
}

test("events are sent one by one, each after the previous one was acknowledged", async () => {
  const world = new World();
  const socket = await connectedSocket(world, OPTIONS);
  const calls = [];
  socket.emit("a", (...args) => calls.push(["a", ...args]));
  socket.emit("b");
  socket.emit("c", "x", (...args) => calls.push(["c", ...args]));
  assert.deepEqual(await sent(world), ['420["a"]']);
  await world.webSocket.deliver("430[1,2]");
  assert.deepEqual(await sent(world), ['421["b"]']);
  await world.webSocket.deliver("431[]");
  assert.deepEqual(await sent(world), ['422["c","x"]']);
  await world.webSocket.deliver("432[]");
  assert.deepEqual(calls, [["a", null, 1, 2], ["c", null]]);
  assert.deepEqual(await sent(world), []);
});

test("an unacknowledged event is sent again, up to the number of retries, and then the next", async () => {
  const world = new World();
  const socket = await connectedSocket(world, OPTIONS);
  const calls = [];
  socket.emit("a", (error) => calls.push(error.message));
  socket.emit("b");
  const tries = [];
  for (let index = 0; index < 4; index++) {
    await world.webSocket.deliver("2");
    tries.push(...(await sent(world)));
    assert.deepEqual(calls, []);
    await world.clock.advance(10_000);
  }
  assert.deepEqual(tries.filter((packet) => packet !== "3"), ['420["a"]', '421["a"]', '422["a"]', '423["a"]']);
  assert.deepEqual(calls, ["operation has timed out"]);
  assert.deepEqual(await sent(world), ['424["b"]']);
});

test("a late acknowledgement of an earlier try is ignored; that of the current try counts", async () => {
  const world = new World();
  const socket = await connectedSocket(world, OPTIONS);
  const calls = [];
  socket.emit("a", (error) => calls.push(error));
  await world.clock.advance(10_000);
  assert.deepEqual(await sent(world), ['420["a"]', '421["a"]']);
  await world.webSocket.deliver("430[]");
  assert.deepEqual(calls, []);
  await world.webSocket.deliver("431[]", "431[]");
  assert.deepEqual(calls, [null]);
});

test("after a lost connection the event in flight is sent first, and all keep their order", async () => {
  const world = new World();
  const socket = await connectedSocket(world, OPTIONS);
  socket.emit("a");
  socket.emit("b");
  assert.deepEqual(await sent(world), ['420["a"]']);
  await world.webSocket.end();
  socket.emit("c");
  await world.clock.advance(1000);
  await acceptConnection(world);
  assert.deepEqual(await sent(world), ['421["a"]']);
  for (const id of [1, 2]) await world.webSocket.deliver(`43${id}[]`);
  assert.deepEqual(await sent(world), ['422["b"]', '423["c"]']);
});

test("events emitted before the first connection are sent on it before connect is emitted", async () => {
  const world = new World();
  const socket = world.client.io("http://server", { transports: ["websocket"], ...OPTIONS });
  socket.emit("a");
  socket.emit("b");
  socket.on("connect", () => socket.emit("c"));
  await world.clock.advance(15_000);
  await acceptConnection(world);
  assert.deepEqual(await sent(world), ['420["a"]']);
  await world.webSocket.deliver("430[]", "431[]");
  assert.deepEqual(await sent(world), ['421["b"]', '422["c"]']);
});

test("each loss of the connection uses up a try", async () => {
  const world = new World();
  const socket = await connectedSocket(world, { ...OPTIONS, retries: 1 });
  const calls = [];
  socket.emit("a", (error) => calls.push(error?.message));
  socket.emit("b");
  for (let index = 0; index < 2; index++) {
    await world.webSocket.end();
    await world.clock.advance(1000);
    await acceptConnection(world);
  }
  assert.deepEqual(calls, ["socket has been disconnected"]);
  assert.match((await sent(world))[0], /\["b"\]$/);
});

test("an event of the retry queue that waits for the next connection is sent on it once", async () => {
  const world = new World();
  const socket = await connectedSocket(world, OPTIONS);
  world.clock.now += 100_000;
  socket.emit("a");
  socket.emit("b");
  await settle();
  await world.clock.advance(1000);
  await acceptConnection(world);
  assert.deepEqual(await sent(world), ['420["a"]']);
  await world.webSocket.deliver("430[]");
  assert.deepEqual(await sent(world), ['421["b"]']);
});

test("volatile events do not wait in the queue", async () => {
  const world = new World();
  const socket = await connectedSocket(world, OPTIONS);
  socket.emit("a");
  await settle();
  socket.volatile.emit("now");
  assert.deepEqual(await sent(world), ['420["a"]', '42["now"]']);
});

test("timeout() applies to all tries of its event", async () => {
  const world = new World();
  const socket = await connectedSocket(world, { ...OPTIONS, retries: 1 });
  const calls = [];
  socket.timeout(50).emit("a", (error) => calls.push(error.message));
  await world.clock.advance(99);
  assert.deepEqual(calls, []);
  await world.clock.advance(1);
  assert.deepEqual(calls, ["operation has timed out"]);
});

test("emitWithAck works with retries", async () => {
  const world = new World();
  const socket = await connectedSocket(world, OPTIONS);
  const promise = socket.emitWithAck("a");
  await world.clock.advance(10_000);
  await world.webSocket.deliver('431["yes"]');
  assert.equal(await promise, "yes");
});

test("without ackTimeout an acknowledgement ends the retries, whatever its arguments", async () => {
  const world = new World();
  const socket = await connectedSocket(world, { retries: 3 });
  socket.emit("a");
  socket.emit("b");
  await world.webSocket.deliver('430["looks like an error"]');
  assert.deepEqual(await sent(world), ['420["a"]', '421["b"]']);
});
