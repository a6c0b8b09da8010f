"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { World, settle, connectedSocket, acceptConnection, record } = require("./support/world.js");

const PAGE = { protocol: "https:", host: "page.example:8443" };

test("namespaces of one server share a connection", async () => {
  const world = new World();
  const options = { transports: ["websocket"] };
  const main = world.client.io("http://server", options);
  const admin = world.client.io("http://server/admin", { auth: { token: "x" } });
  const webSocket = await acceptConnection(world, null);
  assert.equal(main.io, admin.io);
  assert.equal(world.webSockets.length, 1);
  assert.deepEqual(webSocket.take(), ["40", '40/admin,{"token":"x"}']);
  await webSocket.deliver('40/admin,{"sid":"a"}', '40{"sid":"m"}');
  assert.deepEqual([main.id, admin.id], ["m", "a"]);
  const events = [record(main, "e"), record(admin, "e")];
  await webSocket.deliver('42["e","main"]', '42/admin,["e","admin"]', '42/other,["e"]');
  assert.deepEqual(events, [[["e", "main"]], [["e", "admin"]]]);
});

test("leaving one namespace keeps the others; the connection ends with the last", async () => {
  const world = new World();
  const main = world.client.io("http://server", { transports: ["websocket"] });
  const admin = main.io.socket("/admin");
  const webSocket = await acceptConnection(world);
  await webSocket.deliver('40/admin,{"sid":"a"}');
  admin.disconnect();
  assert.deepEqual(webSocket.take().at(-1), "41/admin,");
  assert.deepEqual([main.connected, admin.connected, webSocket.isClosed], [true, false, false]);
  main.disconnect();
  await settle();
  assert.equal(webSocket.isClosed, true);
});

test("a namespace can join an open connection", async () => {
  const world = new World();
  const main = await connectedSocket(world);
  main.io.socket("/late");
  assert.deepEqual(world.webSocket.take(), ["40/late,"]);
});

test("socket() for a known namespace returns the same socket and connects it again", async () => {
  const world = new World();
  const main = await connectedSocket(world);
  main.disconnect();
  assert.equal(main.io.socket("/"), main);
  assert.equal(main.active, true);
});

test("a second io() for the same namespace, forceNew, and multiplex: false open separate connections", () => {
  const world = new World();
  const options = { transports: ["websocket"] };
  const first = world.client.io("http://server", options);
  const others = [
    world.client.io("http://server", options),
    world.client.io("http://server/a", { ...options, forceNew: true }),
    world.client.io("http://server/b", { ...options, multiplex: false }),
    world.client.io("http://server/c", { ...options, path: "/other" }),
    world.client.io("http://server:81/d", options),
  ];
  assert.equal(new Set([first, ...others].map((socket) => socket.io)).size, 6);
  assert.equal(world.client.io("http://server/e").io, first.io);
});

test("io() can be called with options only, and by its other names", () => {
  const world = new World({ location: PAGE });
  const { io, Manager, Socket } = world.client;
  const socket = io({ autoConnect: false });
  assert.equal(socket.nsp, "/");
  assert.ok(socket instanceof Socket && socket.io instanceof Manager);
  assert.deepEqual([io.connect, io.io, io.Manager, io.Socket, io.protocol], [io, io, Manager, Socket, 5]);
});

test("without autoConnect nothing happens before connect()", async () => {
  const world = new World();
  const socket = world.client.io("http://server", { transports: ["websocket"], autoConnect: false });
  await settle();
  assert.equal(world.webSockets.length, 0);
  assert.deepEqual([socket.active, socket.disconnected], [false, true]);
  socket.connect();
  await acceptConnection(world);
  assert.equal(socket.connected, true);
});
