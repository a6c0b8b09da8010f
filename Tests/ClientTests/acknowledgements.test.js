"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { World, settle, connectedSocket, acceptConnection } = require("./support/world.js");

test("an acknowledgement has the server's arguments, also binary ones, and is called once", async () => {
  const world = new World();
  const socket = await connectedSocket(world);
  const calls = [];
  socket.emit("a", (...args) => calls.push(args));
  socket.emit("b", "x", (...args) => calls.push(args));
  await settle();
  assert.deepEqual(world.webSocket.take(), ['420["a"]', '421["b","x"]']);
  const data = Uint8Array.of(1).buffer;
  await world.webSocket.deliver('461-1[{"_placeholder":true,"num":0}]', data, "430[1,2]", "430[3]", "4399[]");
  assert.deepEqual(calls, [[data], [1, 2]]);
});

test("the server gets a requested acknowledgement once, and only on the connection of the request", async () => {
  const world = new World();
  const socket = await connectedSocket(world);
  let answer;
  socket.on("a", (value, callback) => (answer = callback));
  await world.webSocket.deliver('4212["a","x"]');
  answer("yes", 1);
  answer("again");
  await settle();
  assert.deepEqual(world.webSocket.take(), ['4312["yes",1]']);
  await world.webSocket.deliver('4213["a","x"]');
  await world.webSocket.end();
  await world.clock.advance(5000);
  await acceptConnection(world);
  answer("too late");
  await settle();
  assert.deepEqual(world.webSocket.take(), []);
});

test("emitWithAck resolves to the first argument", async () => {
  const world = new World();
  const socket = await connectedSocket(world);
  const promise = socket.emitWithAck("a", 1);
  await world.webSocket.deliver('430["yes"]');
  assert.equal(await promise, "yes");
});

test("timeout() passes an error if no acknowledgement arrives, else null before the arguments", async () => {
  const world = new World();
  const socket = await connectedSocket(world);
  const calls = [];
  socket.timeout(100).emit("a", (error, value) => calls.push([error?.message, value]));
  socket.timeout(100).emit("b", (error, value) => calls.push([error, value]));
  const promise = socket.timeout(100).emitWithAck("c");
  await world.webSocket.deliver('431["yes"]');
  const failed = assert.rejects(promise, { message: "operation has timed out" });
  await world.clock.advance(100);
  await failed;
  await world.webSocket.deliver('430["late"]');
  assert.deepEqual(calls, [[null, "yes"], ["operation has timed out", undefined]]);
});

test("an event that times out without a connection is not sent later", async () => {
  const world = new World();
  const socket = world.client.io("http://server", { transports: ["websocket"] });
  socket.timeout(100).emit("a", () => {});
  socket.emit("b");
  await world.clock.advance(100);
  const webSocket = await acceptConnection(world);
  assert.deepEqual(webSocket.take(), ['42["b"]']);
});

test("when the connection is lost, callbacks that take an error get one, except those of buffered events", async () => {
  const world = new World();
  const socket = await connectedSocket(world);
  const calls = [];
  socket.emit("plain", () => calls.push("plain"));
  socket.timeout(1e6).emit("timed", (error) => calls.push(error.message));
  const promise = assert.rejects(socket.emitWithAck("promised"), { message: "socket has been disconnected" });
  await world.webSocket.end();
  await promise;
  assert.deepEqual(calls, ["socket has been disconnected"]);
  socket.emit("kept", (value) => calls.push(value));
  await world.clock.advance(5000);
  const webSocket = await acceptConnection(world);
  assert.deepEqual(webSocket.take(), ['423["kept"]']);
  await webSocket.deliver('433["kept"]');
  assert.deepEqual(calls.at(-1), "kept");
});

test("the acknowledgement of a buffered event survives failed connections", async () => {
  const world = new World();
  const socket = world.client.io("http://server", { transports: ["websocket"] });
  const calls = [];
  socket.timeout(1e6).emit("a", (...args) => calls.push(args));
  await acceptConnection(world, null);
  await world.webSocket.end();
  await world.clock.advance(5000);
  const webSocket = await acceptConnection(world);
  assert.deepEqual(webSocket.take(), ['420["a"]']);
  await webSocket.deliver("430[1]");
  assert.deepEqual(calls, [[null, 1]]);
});

test("ackTimeout is the timeout of all events, and timeout() that of one", async () => {
  const world = new World();
  const socket = await connectedSocket(world, { ackTimeout: 100 });
  const calls = [];
  socket.emit("a", (error) => calls.push(["a", error?.message]));
  socket.timeout(50).emit("b", (error) => calls.push(["b", error?.message]));
  await world.clock.advance(99);
  assert.deepEqual(calls, [["b", "operation has timed out"]]);
  await world.clock.advance(1);
  assert.deepEqual(calls[1], ["a", "operation has timed out"]);
});
