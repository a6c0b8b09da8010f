"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { World, settle, openPacket, connectedSocket, acceptConnection, record } = require("./support/world.js");

test("connect sets the id, and disconnect removes it", async () => {
  const world = new World();
  const socket = await connectedSocket(world);
  assert.deepEqual([socket.id, socket.connected, socket.disconnected, socket.active], ["socket-1", true, false, true]);
  await world.webSocket.end();
  assert.deepEqual([socket.id, socket.connected, socket.disconnected, socket.active], [undefined, false, true, true]);
});

for (const [name, auth, expected] of [
  ["none", undefined, "40"],
  ["an object", { token: "x" }, '40{"token":"x"}'],
  ["a function", (callback) => callback({ token: "y" }), '40{"token":"y"}'],
  ["a function that calls back later", (callback) => setImmediate(callback, { token: "z" }), '40{"token":"z"}'],
]) {
  test(`auth may be ${name}`, async () => {
    const world = new World();
    world.client.io("http://server", { transports: ["websocket"], auth });
    await acceptConnection(world, null);
    await settle();
    assert.deepEqual(world.webSocket.take(), [expected]);
  });
}

test("auth is evaluated for each connection", async () => {
  const world = new World();
  const socket = await connectedSocket(world, { auth: { serverOffset: 0 } });
  socket.auth.serverOffset = 42;
  await world.webSocket.end();
  await world.clock.advance(5000);
  await acceptConnection(world, null);
  assert.deepEqual(world.webSocket.take(), ['40{"serverOffset":42}']);
});

test("a refusal is a connect_error with message and data, and is not retried", async () => {
  const world = new World();
  const socket = await connectedSocket(world, {}, { connect: '44{"message":"no","data":{"code":7}}' });
  assert.equal(socket.active, false);
  const events = record(socket, "connect_error");
  socket.connect();
  await acceptConnection(world, '44{"message":"no","data":{"code":7}}');
  assert.ok(events[0][1] instanceof Error);
  assert.deepEqual([events[0][1].message, events[0][1].data], ["no", { code: 7 }]);
  assert.deepEqual(world.clock.pending, []);
});

test("a server of an older protocol is a connect_error", async () => {
  const world = new World();
  const socket = world.client.io("http://server", { transports: ["websocket"] });
  const events = record(socket, "connect_error", "connect");
  await acceptConnection(world, "40");
  assert.deepEqual(events.map(([name]) => name), ["connect_error"]);
});

test('the server\'s disconnect has the reason "io server disconnect", and the socket does not reconnect', async () => {
  const world = new World();
  const socket = await connectedSocket(world);
  const events = record(socket, "disconnect");
  await world.webSocket.deliver("41");
  assert.deepEqual(events, [["disconnect", "io server disconnect", undefined]]);
  assert.equal(socket.active, false);
  await world.clock.advance(60_000);
  assert.equal(world.webSockets.length, 1);
});

test('the client\'s disconnect() has the reason "io client disconnect"; connect() opens a new connection', async () => {
  const world = new World();
  const socket = await connectedSocket(world);
  const events = record(socket, "disconnect");
  socket.disconnect();
  await settle();
  assert.deepEqual(events, [["disconnect", "io client disconnect", undefined]]);
  assert.deepEqual(world.webSocket.take(), ["41"]);
  assert.equal(world.webSocket.isClosed, true);
  socket.open();
  await acceptConnection(world);
  assert.equal(socket.connected, true);
  socket.close();
  assert.equal(socket.connected, false);
});

for (const name of ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]) {
  test(`an event cannot be named ${name}`, async () => {
    const socket = await connectedSocket(new World());
    assert.throws(() => socket.emit(name), { message: `"${name}" is a reserved event name` });
  });
}

test("events have their arguments; send() emits an event named message", async () => {
  const world = new World();
  const socket = await connectedSocket(world);
  assert.equal(socket.emit("a", 1, "2", { b: [null] }), socket);
  socket.send("x");
  await settle();
  assert.deepEqual(world.webSocket.take(), ['42["a",1,"2",{"b":[null]}]', '42["message","x"]']);
});

test("events without a connection are buffered and sent after connecting, before connect is emitted", async () => {
  const world = new World();
  const socket = world.client.io("http://server", { transports: ["websocket"] });
  socket.emit("early", 1);
  socket.emit("early", 2);
  socket.on("connect", () => socket.emit("connected"));
  const webSocket = await acceptConnection(world);
  assert.deepEqual(webSocket.take(), ['42["early",1]', '42["early",2]', '42["connected"]']);
  assert.deepEqual(socket.sendBuffer, []);
});

test("events that arrive before the answer to CONNECT wait for it", async () => {
  const world = new World();
  const socket = world.client.io("http://server", { transports: ["websocket"] });
  const events = record(socket, "a", "connect");
  await acceptConnection(world, null);
  await world.webSocket.deliver('42["a",1]');
  assert.deepEqual(events, []);
  await world.webSocket.deliver('40{"sid":"s"}', '42["a",2]');
  assert.deepEqual(events, [["a", 1], ["connect"], ["a", 2]]);
});

test("volatile events are dropped if they cannot be sent at once", async () => {
  const world = new World();
  const socket = world.client.io("http://server", { transports: ["websocket"] });
  socket.volatile.emit("dropped");
  const webSocket = await acceptConnection(world);
  socket.volatile.emit("sent");
  socket.volatile.emit("dropped: the previous one is in flight");
  await settle();
  socket.volatile.emit("sent too");
  socket.emit("not volatile");
  await settle();
  assert.deepEqual(webSocket.take(), ['42["sent"]', '42["sent too"]', '42["not volatile"]']);
});

test("catch-all listeners get the names of received and sent events", async () => {
  const world = new World();
  const socket = await connectedSocket(world);
  const heard = [];
  const second = (...args) => heard.push(["second", ...args]);
  socket.onAny(second).prependAny((...args) => heard.push(["first", ...args]));
  socket.onAnyOutgoing((...args) => heard.push(["out", ...args]));
  await world.webSocket.deliver('42["a",1]');
  socket.offAny(second).emit("b", 2);
  await world.webSocket.deliver('42["c"]');
  assert.deepEqual(heard, [["first", "a", 1], ["second", "a", 1], ["out", "b", 2], ["first", "c"]]);
  assert.deepEqual([socket.listenersAny().length, socket.listenersAnyOutgoing().length], [1, 1]);
  socket.offAny().offAnyOutgoing();
  assert.deepEqual([socket.listenersAny().length, socket.listenersAnyOutgoing().length], [0, 0]);
});

test("a buffered event reaches the listeners of sent events when it is sent", async () => {
  const world = new World();
  const socket = world.client.io("http://server", { transports: ["websocket"] });
  const heard = [];
  socket.onAnyOutgoing((name) => heard.push(name));
  socket.emit("a");
  assert.deepEqual(heard, []);
  await acceptConnection(world);
  assert.deepEqual(heard, ["a"]);
});

// After the first CONNECT, a second one would end the connection.

const connects = (world) => world.webSocket.take().filter((packet) => packet.startsWith("40"));

test("calling connect() twice sends CONNECT once", async () => {
  const world = new World();
  const socket = world.client.io("http://server", { transports: ["websocket"] });
  socket.io.on("open", () => socket.connect());
  await acceptConnection(world, null);
  socket.connect();
  assert.deepEqual(connects(world), ["40"]);
  await world.webSocket.deliver('40{"sid":"a"}');
  socket.disconnect();
  assert.equal(socket.connect().active, true);
});

test("an auth function that answers late, twice or after disconnect() causes no second CONNECT", async () => {
  const world = new World();
  const waiting = [];
  const options = { transports: ["websocket"], auth: (give) => waiting.push(give), randomizationFactor: 0 };
  const socket = world.client.io("http://server", options);
  const other = world.client.io("http://server/other", { auth: { other: 1 } });
  await acceptConnection(world, null);
  await world.webSocket.end();
  await world.clock.advance(1000);
  await acceptConnection(world, null);
  assert.deepEqual(connects(world), ['40/other,{"other":1}']);
  for (const [index, give] of waiting.entries()) give({ index });
  waiting[1]({ again: 1 });
  assert.deepEqual(connects(world), ['40{"index":1}']);
  await world.webSocket.deliver('40{"sid":"a"}', '40/other,{"sid":"b"}');
  socket.disconnect().connect();
  socket.disconnect();
  waiting[2]({ index: 2 });
  assert.deepEqual(connects(world), []);
  assert.equal(other.connected, true);
});

test("an auth function that throws is called again for the next connection", async () => {
  const world = new World();
  let calls = 0;
  const auth = (give) => {
    if (++calls === 1) throw new Error("no token");
    give({ token: "x" });
  };
  world.client.io("http://server", { transports: ["websocket"], auth, randomizationFactor: 0 });
  await settle();
  // A browser reports it as the page's error.
  assert.throws(() => world.webSocket.onmessage({ data: openPacket() }), /no token/);
  await world.clock.advance(46_000);
  await acceptConnection(world, null);
  assert.deepEqual(connects(world), ['40{"token":"x"}']);
});
