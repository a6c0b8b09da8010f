"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { World, settle, openPacket, connectedSocket, acceptConnection, record } = require("./support/world.js");

const MANAGER_EVENTS = [
  "open", "error", "close", "reconnect_attempt", "reconnect", "reconnect_error", "reconnect_failed",
];

/** Makes `count` consecutive attempts fail. Returns the delay before each. */
async function failAttempts(world, count) {
  const delays = [];
  for (let attempt = 0; attempt < count; attempt++) {
    const [delay] = world.clock.pending;
    delays.push(delay);
    await world.clock.advance(delay);
    await world.webSocket.break();
  }
  return delays;
}

test("the delays of reconnection attempts double up to the maximum", async () => {
  const world = new World();
  await connectedSocket(world, { randomizationFactor: 0 });
  await world.webSocket.end();
  assert.deepEqual(await failAttempts(world, 5), [1000, 2000, 4000, 5000, 5000]);
});

for (const [random, delays] of [[0, [500, 1000, 2000]], [0.5, [1000, 2000, 4000]], [0.999999, [1500, 3000, 5000]]]) {
  test(`a random number of ${random} changes the delays to ${delays} ms`, async () => {
    const world = new World({ random: () => random });
    await connectedSocket(world);
    await world.webSocket.end();
    assert.deepEqual((await failAttempts(world, 3)).map((delay) => Math.round(delay)), delays);
  });
}

test("the delays are options, and 0 means the default", async () => {
  const world = new World();
  await connectedSocket(world, { reconnectionDelay: 100, reconnectionDelayMax: 150, randomizationFactor: 0 });
  await world.webSocket.end();
  assert.deepEqual(await failAttempts(world, 3), [100, 150, 150]);
  const manager = new world.client.Manager("http://server", {
    autoConnect: false, reconnectionDelay: 0, reconnectionAttempts: 0, timeout: 0, reconnection: false,
  });
  assert.deepEqual(
    [manager.reconnectionDelay(), manager.reconnectionAttempts(), manager.timeout(), manager.reconnection()],
    [1000, Infinity, 0, false]);
});

test("the manager and the socket emit the events of a reconnection in this order", async () => {
  const world = new World();
  const socket = await connectedSocket(world);
  const events = record(socket.io, ...MANAGER_EVENTS);
  for (const name of ["connect", "disconnect", "connect_error"]) socket.on(name, () => events.push([`socket ${name}`]));
  await world.webSocket.end();
  await failAttempts(world, 1);
  await world.clock.advance(5000);
  await acceptConnection(world);
  assert.deepEqual(events.map(([name, value]) => [name, value?.message ?? value]), [
    ["socket disconnect", undefined], ["close", "transport close"], ["reconnect_attempt", 1],
    ["socket connect_error", undefined], ["error", "websocket error"], ["reconnect_error", "websocket error"],
    ["reconnect_attempt", 2], ["open", undefined], ["reconnect", 2], ["socket connect", undefined],
  ]);
});

test("after a successful connection the delays start from the minimum again", async () => {
  const world = new World();
  await connectedSocket(world, { randomizationFactor: 0 });
  await world.webSocket.end();
  await failAttempts(world, 3);
  await world.clock.advance(5000);
  await acceptConnection(world);
  await world.webSocket.end();
  assert.deepEqual(await failAttempts(world, 1), [1000]);
});

test("the first connection is retried too", async () => {
  const world = new World();
  const socket = world.client.io("http://server", { transports: ["websocket"] });
  const events = record(socket, "connect_error");
  await settle();
  await world.webSocket.break();
  await failAttempts(world, 2);
  await world.clock.advance(5000);
  await acceptConnection(world);
  assert.equal(events.length, 3);
  assert.equal(socket.connected, true);
});

test("the manager stops after the maximum number of attempts, and connect() starts again", async () => {
  const world = new World();
  const socket = await connectedSocket(world, { reconnectionAttempts: 2 });
  const events = record(socket.io, "reconnect_failed");
  await world.webSocket.end();
  await failAttempts(world, 2);
  assert.equal(events.length, 1);
  assert.deepEqual(world.clock.pending, []);
  socket.connect();
  await acceptConnection(world);
  assert.equal(socket.connected, true);
});

test("with reconnection: false, a lost connection stays lost", async () => {
  const world = new World();
  await connectedSocket(world, { reconnection: false });
  await world.webSocket.end();
  assert.deepEqual(world.clock.pending, []);
});

test("an attempt that takes longer than the timeout fails", async () => {
  const world = new World();
  const socket = world.client.io("http://server", { transports: ["websocket"], timeout: 300 });
  const events = record(socket, "connect_error");
  await settle();
  const webSocket = world.webSocket;
  await webSocket.accept();
  await world.clock.advance(299);
  assert.equal(events.length, 0);
  await world.clock.advance(1);
  assert.equal(events[0][1].message, "timeout");
  assert.equal(webSocket.isClosed, true);
  await world.clock.advance(1000);
  await acceptConnection(world);
  assert.equal(socket.connected, true);
});

test("without a timeout an attempt may take any time", async () => {
  const world = new World();
  world.client.io("http://server", { transports: ["websocket"], timeout: false });
  assert.deepEqual(world.clock.pending, []);
});

test("disconnect stops the attempts, also in a listener of reconnect_attempt", async () => {
  const world = new World();
  const socket = await connectedSocket(world);
  await world.webSocket.end();
  socket.io.on("reconnect_attempt", () => socket.disconnect());
  await world.clock.advance(60_000);
  assert.equal(world.webSockets.length, 1);
  assert.equal(socket.active, false);
});

test("connect() does not start a waiting attempt earlier", async () => {
  const world = new World();
  const socket = await connectedSocket(world, { randomizationFactor: 0 });
  await world.webSocket.end();
  socket.connect();
  await settle();
  assert.equal(world.webSockets.length, 1);
  await world.clock.advance(1000);
  await acceptConnection(world);
  assert.equal(socket.connected, true);
});

test("changed options apply to the next attempt", async () => {
  const world = new World();
  const socket = await connectedSocket(world, { query: { attempt: "1" } });
  socket.io.opts.query.attempt = "2";
  await world.webSocket.end();
  await world.clock.advance(5000);
  assert.equal(world.webSocket.url.searchParams.get("attempt"), "2");
});

test("an exception in a listener is not an error of the connection", async () => {
  const errors = [];
  const world = new World({
    extra: {
      queueMicrotask: (callback) => Promise.resolve().then(callback).catch((error) => errors.push(error.message)),
    },
  });
  const socket = await connectedSocket(world);
  socket.on("a", () => { throw new Error("the page's"); });
  const events = record(socket, "b");
  await world.webSocket.deliver('42["a"]', '42["b"]');
  assert.deepEqual(errors, ["the page's"]);
  assert.deepEqual([socket.connected, events.length], [true, 1]);
});

test("the manager's settings can be read and changed", async () => {
  const world = new World();
  const manager = new world.client.Manager("http://server", { autoConnect: false });
  const names = [
    "reconnection", "reconnectionAttempts", "reconnectionDelay", "reconnectionDelayMax", "randomizationFactor",
    "timeout",
  ];
  assert.deepEqual(names.map((name) => manager[name]()), [true, Infinity, 1000, 5000, 0.5, 20000]);
  assert.equal(manager.reconnectionDelay(7), manager);
  assert.equal(manager.reconnectionDelay(), 7);
});

test("a manager can be opened without a socket, and reports the result", async () => {
  const world = new World();
  const options = { autoConnect: false, transports: ["websocket"], reconnection: false };
  const manager = new world.client.Manager("http://server", options);
  const results = [];
  manager.open((error) => results.push(error?.message));
  await world.webSocket.break();
  manager.connect((error) => results.push(error));
  await world.webSocket.accept();
  await world.webSocket.deliver(openPacket());
  assert.deepEqual(results, ["websocket error", undefined]);
});

test("connect() in a listener of a disconnection does not stop reconnecting", async () => {
  const world = new World();
  const socket = await connectedSocket(world, { randomizationFactor: 0 });
  socket.on("disconnect", () => socket.connect());
  for (let loss = 0; loss < 3; loss++) {
    await world.webSocket.end();
    await world.webSocket.break();
    await world.clock.advance(2000);
    await acceptConnection(world);
    assert.equal(socket.connected, true, `after ${loss + 1} losses`);
  }
});

test("connect() in a listener of a failure does not change the delays", async () => {
  const world = new World();
  const socket = world.client.io("http://server", { transports: ["websocket"], randomizationFactor: 0 });
  socket.on("connect_error", () => socket.connect());
  await settle();
  await world.webSocket.break();
  assert.deepEqual(await failAttempts(world, 4), [1000, 2000, 4000, 5000]);
});

test("open() replaces a waiting attempt", async () => {
  const world = new World();
  const socket = await connectedSocket(world, { randomizationFactor: 0 });
  await world.webSocket.end();
  socket.io.open();
  await world.webSocket.break();
  assert.deepEqual(await failAttempts(world, 1), [2000]);
  socket.io.open();
  await acceptConnection(world);
  await world.webSocket.end();
  assert.deepEqual(await failAttempts(world, 1), [1000]);
});
