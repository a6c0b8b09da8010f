"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { load } = require("./support/client.js");

const { Emitter } = load();

test("listeners are called in order, with the emitter as this", () => {
  const emitter = new Emitter();
  const calls = [];
  emitter.on("a", function (...args) { calls.push(["first", this === emitter, ...args]); });
  emitter.on("a", (...args) => calls.push(["second", ...args]));
  emitter.emit("a", 1, 2);
  assert.deepEqual(calls, [["first", true, 1, 2], ["second", 1, 2]]);
});

test("a once() listener is called once, and can be removed before", () => {
  const emitter = new Emitter();
  let calls = 0;
  const listener = () => calls++;
  emitter.once("a", listener).emit("a").emit("a");
  assert.equal(calls, 1);
  emitter.once("a", listener).off("a", listener).emit("a");
  assert.equal(calls, 1);
});

test("off removes one listener, all listeners of an event, or all listeners", () => {
  const emitter = new Emitter();
  const one = () => {};
  const two = () => {};
  emitter.on("a", one).on("a", two).on("b", one);
  assert.deepEqual(emitter.off("a", one).listeners("a"), [two]);
  assert.deepEqual(emitter.off("a").listeners("a"), []);
  assert.equal(emitter.hasListeners("b"), true);
  assert.equal(emitter.off().hasListeners("b"), false);
});

test("off removes one copy of a listener that was added twice", () => {
  const emitter = new Emitter();
  const listener = () => {};
  emitter.on("a", listener).on("a", listener).off("a", listener);
  assert.deepEqual(emitter.listeners("a"), [listener]);
});

test("listeners may add and remove listeners while they are called", () => {
  const emitter = new Emitter();
  const calls = [];
  const second = () => calls.push("second");
  emitter.on("a", () => {
    calls.push("first");
    emitter.off("a", second);
    emitter.on("a", () => calls.push("late"));
  });
  emitter.on("a", second);
  emitter.emit("a");
  assert.deepEqual(calls, ["first", "second"]);
});

test("events may have the names of Object's properties", () => {
  const emitter = new Emitter();
  const calls = [];
  for (const name of ["__proto__", "constructor", "toString", ""]) emitter.on(name, () => calls.push(name));
  for (const name of ["__proto__", "constructor", "toString", "", "hasOwnProperty"]) emitter.emit(name);
  assert.deepEqual(calls, ["__proto__", "constructor", "toString", ""]);
});

test("the method names of Node's and the DOM's emitters work too", () => {
  const emitter = new Emitter();
  const listener = () => {};
  emitter.addEventListener("a", listener).removeEventListener("a", listener);
  emitter.on("a", listener).removeListener("a", listener).on("b", listener).removeAllListeners("b");
  assert.equal(emitter.hasListeners("a") || emitter.hasListeners("b"), false);
});
