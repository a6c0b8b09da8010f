"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { World, settle, openPacket, record } = require("./support/world.js");

/** A connected polling client that has opened a WebSocket to probe it. */
async function probingSocket(world, options = {}) {
  const socket = world.client.io("http://server", { forceNew: true, ...options });
  await settle();
  await world.poll.respond(openPacket({ upgrades: ["websocket"] }));
  await world.post.respond("ok");
  await world.poll.respond('40{"sid":"socket-1"}');
  return socket;
}

test("the upgrade packet follows the pong and the end of the GET, and then only the WebSocket is used", async () => {
  const world = new World();
  const socket = await probingSocket(world);
  assert.equal(world.webSocket.url.href, "ws://server/socket.io/?EIO=4&transport=websocket&sid=engine-1");
  assert.deepEqual(world.webSocket.take(), []);
  await world.webSocket.accept();
  assert.deepEqual(world.webSocket.take(), ["2probe"]);
  await world.webSocket.deliver("3probe");
  assert.deepEqual(world.webSocket.take(), [], "not before the GET has ended");
  await world.poll.respond("6");
  assert.deepEqual(world.webSocket.take(), ["5"]);
  assert.equal(world.poll, undefined, "no further GET is sent");
  assert.equal(socket.io.engine.transport.name, "websocket");
  socket.emit("a");
  await settle();
  assert.deepEqual(world.webSocket.take(), ['42["a"]']);
});

test("the engine's events report the upgrade with the new transport", async () => {
  const world = new World();
  const socket = await probingSocket(world);
  const events = record(socket.io.engine, "upgrading", "upgrade");
  await world.webSocket.accept();
  await world.webSocket.deliver("3probe");
  await world.poll.respond("6");
  assert.deepEqual(
    events.map(([name, transport]) => [name, transport.name]),
    [["upgrading", "websocket"], ["upgrade", "websocket"]],
  );
});

test("the upgrade loses and reorders no event in either direction", async () => {
  const world = new World();
  const socket = await probingSocket(world);
  const received = record(socket, "e");
  await world.webSocket.accept();
  socket.emit("e", 1);
  await settle();
  socket.emit("e", 2);
  await world.webSocket.deliver("3probe");
  socket.emit("e", 3);
  await world.poll.respond('42["e","a"]', "6");
  assert.deepEqual(world.post.packets, ['42["e",1]']);
  assert.deepEqual(world.webSocket.take(), ["2probe"], "not before the POST is answered");
  await world.post.respond("ok");
  assert.deepEqual(world.webSocket.take(), ["5", '42["e",2]', '42["e",3]']);
  await world.webSocket.deliver('42["e","b"]');
  assert.deepEqual(received, [["e", "a"], ["e", "b"]]);
});

test("a GET that ended before the pong is not sent again", async () => {
  const world = new World();
  const socket = await probingSocket(world);
  await world.webSocket.accept();
  await world.webSocket.deliver("3probe");
  await world.poll.respond('42["x"]');
  assert.equal(world.poll, undefined);
  assert.equal(socket.io.engine.transport.name, "websocket");
});

for (const [name, fail] of [
  ["cannot be opened", (webSocket) => webSocket.break()],
  ["is closed before the pong", async (webSocket) => (await webSocket.accept(), webSocket.end())],
  ["answers something else", async (webSocket) => (await webSocket.accept(), webSocket.deliver("3"))],
]) {
  test(`a WebSocket that ${name} leaves the session on polling`, async () => {
    const world = new World();
    const socket = await probingSocket(world);
    const events = record(socket.io.engine, "upgradeError", "close");
    const webSocket = world.webSocket;
    await fail(webSocket);
    assert.deepEqual(events.map(([event]) => event), ["upgradeError"]);
    assert.equal(webSocket.isClosed, true);
    socket.emit("a");
    await settle();
    assert.deepEqual(world.post.packets, ['42["a"]']);
    assert.ok(world.poll);
  });
}

test("polling continues if the WebSocket is lost after the pong, when polling has already paused", async () => {
  const world = new World();
  const socket = await probingSocket(world);
  const received = record(socket, "e");
  socket.emit("e", 1);
  await world.webSocket.accept();
  await world.webSocket.deliver("3probe");
  await world.poll.respond("6");
  assert.equal(world.poll, undefined);
  socket.emit("e", 2);
  await world.webSocket.end();
  await world.poll.respond('42["e"]');
  await world.post.respond("ok");
  assert.deepEqual(world.post.packets, ['42["e",2]']);
  assert.deepEqual(received, [["e"]]);
});

test("no WebSocket is opened if the page or the server does not allow it", async () => {
  for (const [options, upgrades] of [
    [{ upgrade: false }, ["websocket"]], [{ transports: ["polling"] }, ["websocket"]], [{}, []], [{}, ["webtransport"]],
  ]) {
    const world = new World();
    world.client.io("http://server", options);
    await settle();
    await world.poll.respond(openPacket({ upgrades }));
    assert.equal(world.webSockets.length, 0);
  }
});

test("closing waits for an upgrade in progress and then sends the written packets", async () => {
  const world = new World();
  const socket = await probingSocket(world);
  await world.webSocket.accept();
  await world.webSocket.deliver("3probe");
  socket.disconnect();
  await settle();
  assert.equal(world.webSocket.isClosed, false);
  await world.poll.respond("6");
  assert.deepEqual(world.webSocket.take(), ["2probe", "5", "41"]);
  assert.equal(world.webSocket.isClosed, true);
});

test("closing without output also waits for the upgrade or its failure", async () => {
  for (const [finish, packets] of [
    [(world) => world.poll.respond("6"), ["2probe", "5"]], [(world) => world.webSocket.end(), ["2probe"]],
  ]) {
    const world = new World();
    const socket = await probingSocket(world);
    await world.webSocket.accept();
    await world.webSocket.deliver("3probe");
    socket.io.engine.close();
    assert.equal(socket.connected, true);
    await finish(world);
    assert.equal(socket.connected, false);
    assert.deepEqual(world.webSocket.take(), packets);
  }
});

test("a session that ends while probing closes the WebSocket", async () => {
  const world = new World();
  const socket = await probingSocket(world);
  await world.webSocket.accept();
  await world.poll.fail();
  assert.equal(world.webSocket.isClosed, true);
  assert.equal(socket.connected, false);
});
