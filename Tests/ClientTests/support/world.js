"use strict";
// The simulated environment of a client: a clock that the test moves, and a network with the test as its other end.

const { load } = require("./client.js");

/** Runs everything that is due now: promises, microtasks, and Node's immediate callbacks. */
async function settle() {
  for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve));
}

class Clock {
  constructor() {
    this.now = 1_000_000;
    this.timers = new Map();
    this.nextId = 1;
  }

  get globals() {
    return {
      setTimeout: (callback, delay = 0, ...args) => {
        const id = this.nextId++;
        this.timers.set(id, { at: this.now + Math.max(0, delay), run: () => callback(...args) });
        return id;
      },
      clearTimeout: (id) => this.timers.delete(id),
      Date: { now: () => this.now },
    };
  }

  /** Advances the clock, firing each timer at its time and settling everything in between. */
  async advance(milliseconds) {
    const end = this.now + milliseconds;
    await settle();
    for (;;) {
      const [next] = [...this.timers].filter(([, { at }]) => at <= end).sort(([a, x], [b, y]) => x.at - y.at || a - b);
      if (!next) break;
      const [id, { at, run }] = next;
      this.timers.delete(id);
      this.now = at;
      run();
      await settle();
    }
    this.now = end;
  }

  /** The delays of the pending timers, in milliseconds. */
  get pending() {
    return [...this.timers.values()].map(({ at }) => at - this.now).sort((a, b) => a - b);
  }
}

/** The server's end of one HTTP request. */
class Request {
  constructor(url, options) {
    this.url = new URL(url);
    Object.assign(this, options);
    this.isOpen = true;
    this.promise = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
    options.signal.addEventListener("abort", () => this.fail(new Error("aborted")));
  }

  get sid() {
    return this.url.searchParams.get("sid");
  }

  /** The packets in a POST. */
  get packets() {
    return this.body.split("\x1e");
  }

  respond(...packets) {
    return this.answer(200, packets.join("\x1e"));
  }

  async answer(status, text = "") {
    this.isOpen = false;
    this.resolve({ status, text: async () => text });
    await settle();
  }

  fail(error = new TypeError("network error")) {
    this.isOpen = false;
    this.reject(error);
    return settle();
  }
}

/** The server's end of one WebSocket. Its constructor is that of browsers, for the client. */
function makeWebSocket(network) {
  return class {
    constructor(url) {
      this.url = new URL(url);
      this.sent = [];
      this.isClosed = false;
      network.webSockets.push(this);
      if (network.refusesWebSockets) throw new Error("refused");
    }

    // The client's side
    send(data) {
      this.sent.push(data);
    }

    close() {
      this.isClosed = true;
    }

    // The server's side
    async accept() {
      this.onopen?.({});
      await settle();
    }

    async deliver(...messages) {
      for (const data of messages) this.onmessage?.({ data });
      await settle();
    }

    async end(code = 1006) {
      this.isClosed = true;
      this.onclose?.({ code });
      await settle();
    }

    async break() {
      this.onerror?.({ type: "error" });
      await this.end();
    }

    /** The messages sent since the last call. */
    take() {
      return this.sent.splice(0);
    }
  };
}

class World {
  constructor({ location, random = () => 0.5, extra = {} } = {}) {
    this.clock = new Clock();
    this.requests = [];
    this.webSockets = [];
    this.globals = {
      ...this.clock.globals,
      location,
      Math: Object.assign(Object.create(Math), { random, floor: Math.floor, min: Math.min, ceil: Math.ceil }),
      fetch: (url, options) => {
        const request = new Request(url, options);
        this.requests.push(request);
        return request.promise;
      },
      WebSocket: makeWebSocket(this),
      addEventListener: (name, listener) => (this.pageListeners[name] = listener),
      removeEventListener: (name, listener) => {
        if (this.pageListeners[name] === listener) delete this.pageListeners[name];
      },
      ...extra,
    };
    this.pageListeners = {};
    this.client = load(this.globals);
  }

  /** The waiting GET. */
  get poll() {
    return this.requests.findLast(({ method, isOpen }) => method === "GET" && isOpen);
  }

  /** The unanswered POST. */
  get post() {
    return this.requests.find(({ method, isOpen }) => method === "POST" && isOpen);
  }

  get webSocket() {
    return this.webSockets[this.webSockets.length - 1];
  }
}

const HANDSHAKE = { sid: "engine-1", upgrades: [], pingInterval: 25000, pingTimeout: 20000, maxPayload: 1000000 };

function openPacket(changes) {
  return "0" + JSON.stringify({ ...HANDSHAKE, ...changes });
}

/** A client with only a WebSocket, connected to `/`, unless the options change that. */
async function connectedSocket(world, options = {}, { url = "http://server", connect = '40{"sid":"socket-1"}' } = {}) {
  const socket = world.client.io(url, { transports: ["websocket"], forceNew: true, ...options });
  await acceptConnection(world, connect);
  return socket;
}

async function acceptConnection(world, connect = '40{"sid":"socket-1"}', handshake = {}) {
  await settle();
  const webSocket = world.webSocket;
  await webSocket.accept();
  await webSocket.deliver(openPacket(handshake));
  if (connect) {
    webSocket.take();
    await webSocket.deliver(connect);
  }
  return webSocket;
}

/** Records the named events of an emitter as [name, ...arguments]. */
function record(emitter, ...names) {
  const events = [];
  for (const name of names) emitter.on(name, (...args) => events.push([name, ...args]));
  return events;
}

module.exports = { World, settle, openPacket, connectedSocket, acceptConnection, record };
