"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { World, settle, openPacket, connectedSocket, acceptConnection, record } = require("./support/world.js");

test("with the WebSocket alone, no request is made", async () => {
  const world = new World();
  const socket = await connectedSocket(world, { query: { a: "1" } }, { url: "https://server:444" });
  assert.equal(world.webSocket.url.href, "wss://server:444/socket.io/?a=1&EIO=4&transport=websocket");
  assert.equal(world.requests.length, 0);
  assert.equal(socket.connected, true);
});

test("binary values are sent unchanged, and received in the requested type", async () => {
  const world = new World();
  const socket = await connectedSocket(world);
  const events = record(socket, "b");
  const view = Uint8Array.of(1, 2);
  socket.emit("a", view);
  await settle();
  assert.deepEqual(world.webSocket.take(), ['451-["a",{"_placeholder":true,"num":0}]', view]);
  assert.equal(world.webSocket.binaryType, "arraybuffer");
  await world.webSocket.deliver('451-["b",{"_placeholder":true,"num":0}]', view.buffer);
  assert.deepEqual(events, [["b", view.buffer]]);
});

for (const [cause, end, reason, details] of [
  ["a close by the server", (webSocket) => webSocket.end(1001), "transport close",
    { description: "websocket connection closed", context: { code: 1001 } }],
  ["a broken connection", (webSocket) => webSocket.break(), "transport error", undefined],
  ["a text that is not a packet", (webSocket) => webSocket.deliver("x"), "transport error", undefined],
  ["an invalid event packet", (webSocket) => webSocket.deliver("42{}"), "parse error", undefined],
  ["text in place of an attachment", (webSocket) => webSocket.deliver('451-["a",{}]', '42["a"]'), "parse error",
    undefined],
  ["an unexpected attachment", (webSocket) => webSocket.deliver(new ArrayBuffer(1)), "parse error", undefined],
]) {
  test(`${cause} ends the connection with the reason "${reason}"`, async () => {
    const world = new World();
    const socket = await connectedSocket(world);
    const events = record(socket, "disconnect");
    await end(world.webSocket);
    assert.equal(events.length, 1);
    assert.equal(events[0][1], reason);
    if (details) assert.deepEqual(events[0][2], details);
    assert.equal(socket.active, true, "it will reconnect");
    assert.equal(world.webSocket.isClosed, true);
  });
}

test("missing attachments of a lost connection are not expected on the next one", async () => {
  const world = new World();
  const socket = await connectedSocket(world);
  const events = record(socket, "a");
  await world.webSocket.deliver('451-["a",{"_placeholder":true,"num":0}]');
  await world.webSocket.end();
  await world.clock.advance(5000);
  await acceptConnection(world);
  await world.webSocket.deliver('42["a",1]');
  assert.deepEqual(events, [["a", 1]]);
});

test("a session without a ping for pingInterval plus pingTimeout ends", async () => {
  const world = new World();
  const socket = await connectedSocket(world);
  const events = record(socket, "disconnect");
  await world.clock.advance(44_999);
  await world.webSocket.deliver('42["not a ping"]');
  assert.equal(events.length, 0);
  await world.clock.advance(1);
  assert.equal(events[0][1], "ping timeout");
  assert.equal(world.webSocket.isClosed, true);
});

test("a ping is answered and restarts the timer", async () => {
  const world = new World();
  const socket = await connectedSocket(world);
  for (let count = 0; count < 5; count++) {
    await world.clock.advance(40_000);
    await world.webSocket.deliver("2");
    assert.deepEqual(world.webSocket.take(), ["3"]);
  }
  assert.equal(socket.connected, true);
});

test("after a sleep in which the timer did not run, an event waits for the next connection", async () => {
  const world = new World();
  const socket = await connectedSocket(world, { reconnectionDelay: 1, randomizationFactor: 0 });
  const events = record(socket, "disconnect");
  world.clock.now += 100_000;
  socket.emit("a");
  assert.deepEqual(world.webSocket.take(), []);
  await settle();
  assert.equal(events[0][1], "ping timeout");
  await world.clock.advance(1);
  const webSocket = await acceptConnection(world);
  assert.deepEqual(webSocket.take(), ['42["a"]']);
});

test("going offline ends a connection at once, except one to this machine", async () => {
  const world = new World();
  const socket = await connectedSocket(world);
  const events = record(socket, "disconnect");
  world.pageListeners.offline();
  assert.deepEqual(events, [["disconnect", "transport close", { description: "network connection lost" }]]);
  assert.equal(world.pageListeners.offline, undefined, "an ended session has no listener");

  const local = new World();
  await connectedSocket(local, {}, { url: "http://localhost:3000" });
  assert.equal(local.pageListeners.offline, undefined);
});

test("a WebSocket that the browser refuses to create is a connection error", async () => {
  const world = new World();
  world.refusesWebSockets = true;
  const socket = world.client.io("http://server", { transports: ["websocket"] });
  const events = record(socket, "connect_error");
  await settle();
  assert.equal(events[0][1].message, "refused");
});

test("a page that allows no existing transport gets an error", async () => {
  const world = new World();
  const socket = world.client.io("http://server", { transports: ["webtransport"] });
  const events = record(socket, "connect_error");
  await world.clock.advance(0);
  assert.deepEqual(events, [["connect_error", "No transports available"]]);
});

test("the engine reports each packet, and after its close() the client reconnects", async () => {
  const world = new World();
  const socket = await connectedSocket(world, { randomizationFactor: 0 });
  const packets = record(socket.io.engine, "packet", "packetCreate");
  socket.emit("a");
  await world.webSocket.deliver('42["b"]');
  assert.deepEqual(packets.map(([name, { type, data }]) => [name, type, data]), [
    ["packetCreate", "message", '2["a"]'], ["packet", "message", '2["b"]'],
  ]);
  const events = record(socket, "disconnect");
  socket.io.engine.close();
  await settle();
  assert.equal(events[0][1], "forced close");
  await world.clock.advance(1000);
  await acceptConnection(world);
  assert.equal(socket.connected, true);
  assert.equal(world.webSockets.length, 2);
});

test("the engine's handshake alone does not connect the page's socket", async () => {
  const world = new World();
  const socket = world.client.io("http://server", { transports: ["websocket"] });
  await settle();
  await world.webSocket.accept();
  await world.webSocket.deliver(openPacket());
  assert.deepEqual(world.webSocket.take(), ["40"]);
  assert.equal(socket.connected, false);
  assert.equal(socket.id, undefined);
});
