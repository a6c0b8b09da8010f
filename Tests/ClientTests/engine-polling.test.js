"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { World, settle, openPacket, record } = require("./support/world.js");

/** A client that only polls, with its handshake answered and its CONNECT in flight. */
async function pollingSocket(world, options = {}, handshake = {}) {
  const socket = world.client.io("http://server:3000", { transports: ["polling"], forceNew: true, ...options });
  await settle();
  await world.poll.respond(openPacket(handshake));
  return socket;
}

async function connectedPollingSocket(world, options, handshake) {
  const socket = await pollingSocket(world, options, handshake);
  await world.post.respond("ok");
  await world.poll.respond('40{"sid":"socket-1"}');
  return socket;
}

test("the handshake is a GET with protocol, transport and the page's query", async () => {
  const world = new World();
  const options = { path: "/chat", extraHeaders: { "X-Token": "t" }, withCredentials: true };
  world.client.io("https://server/?a=b%20c", options);
  await settle();
  const { url, method, headers, credentials, body } = world.poll;
  assert.equal(url.origin + url.pathname, "https://server/chat/");
  assert.deepEqual([...url.searchParams.keys()], ["a", "EIO", "transport", "t"]);
  assert.equal(url.searchParams.get("a"), "b c");
  assert.equal(url.searchParams.get("EIO"), "4");
  assert.deepEqual([method, body, credentials, headers], ["GET", undefined, "include", { "X-Token": "t" }]);
});

test("after the handshake a GET waits and a POST sends CONNECT, both with the session's id", async () => {
  const world = new World();
  const socket = await pollingSocket(world, { auth: { token: "x" } });
  assert.equal(world.poll.sid, "engine-1");
  assert.equal(world.post.sid, "engine-1");
  assert.deepEqual(world.post.packets, ['40{"token":"x"}']);
  assert.equal(socket.io.engine.id, "engine-1");
  assert.equal(socket.io.engine.transport.name, "polling");
});

test("an answer or a POST may have several packets", async () => {
  const world = new World();
  const socket = await connectedPollingSocket(world);
  const events = record(socket, "a", "b");
  await world.poll.respond('42["a",1]', '42["b"]');
  assert.deepEqual(events, [["a", 1], ["b"]]);
  socket.emit("c");
  socket.emit("d");
  socket.emit("e");
  await settle();
  assert.deepEqual(world.post.packets, ['42["c"]']);
  await world.post.respond("ok");
  assert.deepEqual(world.post.packets, ['42["d"]', '42["e"]']);
});

test("there is at most one POST and one GET at a time", async () => {
  const world = new World();
  const socket = await connectedPollingSocket(world);
  for (let index = 0; index < 10; index++) socket.emit("x", index);
  await settle();
  const open = (method) => world.requests.filter((request) => request.isOpen && request.method === method).length;
  assert.deepEqual([open("GET"), open("POST")], [1, 1]);
});

test("a POST stays below the server's limit; a larger packet is sent alone", async () => {
  const world = new World();
  const socket = await connectedPollingSocket(world, {}, { maxPayload: 100 });
  for (const text of ["first", "é".repeat(20), "é".repeat(20), "x".repeat(200), "last"]) socket.emit("e", text);
  const sizes = [];
  while ((await settle(), world.post)) {
    sizes.push(world.post.packets.length > 1 ? Buffer.byteLength(world.post.body) : 0);
    await world.post.respond("ok");
  }
  assert.ok(sizes.every((size) => size <= 100), String(sizes));
  const sent = world.requests.filter(({ method }) => method === "POST").flatMap(({ packets }) => packets).slice(1);
  assert.deepEqual(sent.map((packet) => JSON.parse(packet.slice(2))[1].length), [5, 20, 20, 200, 4]);
});

test("binary values, also blobs, are sent in base64 and in order", async () => {
  const world = new World();
  const socket = await connectedPollingSocket(world);
  const events = record(socket, "b");
  socket.emit("a", new Blob(["hi"]), new Uint16Array([0x4142]).subarray(0), Uint8Array.of(9, 1, 2, 9).subarray(1, 3));
  await settle();
  const header = '453-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1},{"_placeholder":true,"num":2}]';
  assert.deepEqual(world.post.packets, [header]);
  await world.post.respond("ok");
  assert.deepEqual(world.post.packets, ["baGk=", "bQkE=", "bAQI="]);
  await world.poll.respond('451-["b",{"_placeholder":true,"num":0}]', "bAQID");
  assert.deepEqual(events, [["b", Uint8Array.of(1, 2, 3).buffer]]);
});

test("a large binary value is encoded whole", async () => {
  const world = new World();
  const socket = await connectedPollingSocket(world);
  const data = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
  socket.emit("a", data);
  await settle();
  await world.post.respond("ok");
  assert.ok(Buffer.from(world.post.packets[0].slice(1), "base64").equals(Buffer.from(data)));
});

test("a ping is answered with a pong", async () => {
  const world = new World();
  const socket = await connectedPollingSocket(world);
  const pings = record(socket.io, "ping");
  await world.poll.respond("2");
  assert.deepEqual(world.post.packets, ["3"]);
  assert.equal(pings.length, 1);
});

for (const [name, end, message] of [
  ["a GET that fails", (world) => world.poll.fail(), "xhr poll error"],
  ["a GET answered with 400", (world) => world.poll.answer(400, '{"code":1}'), "xhr poll error"],
  ["a POST that fails", (world) => world.post.fail(), "xhr post error"],
]) {
  test(`${name} ends the session with a transport error`, async () => {
    const world = new World();
    const socket = await connectedPollingSocket(world);
    const events = record(socket, "disconnect");
    socket.emit("x");
    await settle();
    await end(world);
    assert.equal(events[0][1], "transport error");
    assert.equal(events[0][2].message, message);
    assert.equal(events[0][2].type, "TransportError");
  });
}

test("the status of a refused handshake is in the error's description", async () => {
  const world = new World();
  const socket = world.client.io("http://server", { transports: ["polling"] });
  const events = record(socket, "connect_error");
  await settle();
  await world.poll.answer(403, "no");
  assert.equal(events[0][1].message, "xhr poll error");
  assert.equal(events[0][1].description, 403);
  assert.equal(events[0][1].context.responseText, "no");
});

test("a close packet ends the session after the packets before it", async () => {
  const world = new World();
  const socket = await connectedPollingSocket(world);
  const events = record(socket, "a", "disconnect");
  await world.poll.respond('42["a"]', "1");
  const details = { description: "transport closed by the server" };
  assert.deepEqual(events, [["a"], ["disconnect", "transport close", details]]);
  assert.equal(world.poll, undefined);
});

test("disconnect closes the namespace and then the session, and lets the GET end", async () => {
  const world = new World();
  const socket = await connectedPollingSocket(world);
  const poll = world.poll;
  socket.disconnect();
  await settle();
  assert.deepEqual(world.post.packets, ["41"]);
  await world.post.respond("ok");
  assert.deepEqual(world.post.packets, ["1"]);
  assert.equal(poll.isOpen, true);
  await world.post.respond("ok");
  assert.equal(poll.isOpen, false);
  assert.equal(world.requests.some(({ isOpen }) => isOpen), false);
});

test("an abandoned handshake is aborted", async () => {
  const world = new World();
  const socket = world.client.io("http://server", { transports: ["polling"], forceNew: true });
  await settle();
  const poll = world.poll;
  socket.disconnect();
  await settle();
  assert.equal(poll.isOpen, false);
  assert.equal(world.post, undefined);
});

for (const payload of ["", "x", "8", "b!!!"]) {
  test(`an answer that is not a packet (${JSON.stringify(payload)}) ends the session`, async () => {
    const world = new World();
    const socket = await connectedPollingSocket(world);
    const events = record(socket, "disconnect");
    await world.poll.respond(payload);
    assert.equal(events[0][1], "transport error");
  });
}
