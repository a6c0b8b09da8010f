"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { load } = require("./support/client.js");

const { encodePacket, PacketDecoder } = load();
const [CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR] = [0, 1, 2, 3, 4];

const bytes = (...values) => Uint8Array.from(values).buffer;

/** [packet, messages]: each is encoded or decoded to the other. */
const BOTH_WAYS = [
  [{ type: CONNECT, nsp: "/" }, ["0"]],
  [{ type: CONNECT, nsp: "/", data: { token: "x" } }, ['0{"token":"x"}']],
  [{ type: CONNECT, nsp: "/admin" }, ["0/admin,"]],
  [{ type: DISCONNECT, nsp: "/" }, ["1"]],
  [{ type: DISCONNECT, nsp: "/admin" }, ["1/admin,"]],
  [{ type: EVENT, nsp: "/", data: ["a", 1, null, { b: ["c"] }] }, ['2["a",1,null,{"b":["c"]}]']],
  [{ type: EVENT, nsp: "/", id: 0, data: ["a"] }, ['20["a"]']],
  [{ type: EVENT, nsp: "/admin", id: 456, data: ["a"] }, ['2/admin,456["a"]']],
  [{ type: EVENT, nsp: "/", data: [7, "x"] }, ['2[7,"x"]']],
  [{ type: EVENT, nsp: "/", data: ["__proto__"] }, ['2["__proto__"]']],
  [{ type: ACK, nsp: "/admin", id: 13, data: [] }, ["3/admin,13[]"]],
  [
    { type: EVENT, nsp: "/", id: 1, data: ["a", bytes(1, 2), { b: bytes(3) }] },
    ['52-1["a",{"_placeholder":true,"num":0},{"b":{"_placeholder":true,"num":1}}]', bytes(1, 2), bytes(3)],
  ],
  [{ type: ACK, nsp: "/b", id: 2, data: [bytes(9)] }, ['61-/b,2[{"_placeholder":true,"num":0}]', bytes(9)]],
];

function decode(messages) {
  const decoder = new PacketDecoder();
  const packets = messages.map((message) => decoder.add(message));
  assert.ok(packets.slice(0, -1).every((packet) => packet === undefined));
  return packets[packets.length - 1];
}

for (const [packet, messages] of BOTH_WAYS) {
  test(`${messages[0]} is encoded and decoded`, () => {
    assert.deepEqual(encodePacket(packet), messages);
    assert.deepEqual(decode(messages), { id: undefined, data: undefined, ...packet });
  });
}

test("typed arrays, views, blobs and buffers become attachments in their places", () => {
  const values = [new Uint16Array([1, 2]), new DataView(bytes(1)), new Blob(["x"]), Buffer.from("node"), bytes(4)];
  const [text, ...attachments] = encodePacket({ type: EVENT, nsp: "/", data: ["a", ...values] });
  assert.equal(text.slice(0, 6), '55-["a');
  assert.ok(values.every((value, index) => attachments[index] === value));
});

test("toJSON() of an object is used, and its result may contain binary values", () => {
  const data = ["a", { toJSON: () => ({ inner: bytes(1) }) }, new Date(0)];
  assert.deepEqual(encodePacket({ type: EVENT, nsp: "/", data }), [
    '51-["a",{"inner":{"_placeholder":true,"num":0}},"1970-01-01T00:00:00.000Z"]', bytes(1),
  ]);
});

test("the comma after a namespace is optional at the end of a packet", () => {
  assert.equal(decode(["1/admin"]).nsp, "/admin");
});

test("a binary packet without attachments is complete at once", () => {
  assert.deepEqual(decode(['50-["a"]']).data, ["a"]);
});

const REFUSED = [
  "", "7", "abc", "2", "2{}", "2[]", "2[true]", "2[null]", '2{"a":1}', '2["a"', '2["connect"]', '2["disconnecting"]',
  "2abc", "0[]", '0"x"', "0null", "1{}", "3", "3{}", "4", "4[]", "42", "5", '5["a"]', '5-["a"]', '5a-["a"]',
  '51.5-["a"]', "9[]",
];

for (const message of REFUSED) {
  test(`${JSON.stringify(message)} is not a packet`, () => assert.throws(() => new PacketDecoder().add(message)));
}

for (const num of ['"splice"', "-1", "1.5", "1", '"length"', "null"]) {
  test(`a placeholder with the number ${num} is refused`, () => {
    const decoder = new PacketDecoder();
    decoder.add(`51-["a",{"_placeholder":true,"num":${num}}]`);
    assert.throws(() => decoder.add(bytes(1)));
  });
}

test("text in place of an attachment, and an attachment without a packet, are refused", () => {
  assert.throws(() => decode(['51-["a",{"_placeholder":true,"num":0}]', '2["b"]']), /in place/);
  assert.throws(() => decode([bytes(1)]), /without a packet/);
});
