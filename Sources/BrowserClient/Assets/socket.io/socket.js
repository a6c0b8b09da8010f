// The application's interface to one namespace: events, acknowledgements, buffers, the retry queue, recovery.

/**
 * Emits `connect`, `connect_error` (error), `disconnect` (reason, details), and the server's events.
 *
 * - `sendBuffer` keeps packets that are emitted while there is no connection.
 * - `receiveBuffer` keeps events that arrive before the answer to CONNECT.
 * - With the option `retries`, events wait in a queue. One at a time is in flight, until it is acknowledged.
 */
class Socket extends Emitter {
  constructor(io, nsp, opts) {
    super();
    this.io = io;
    this.nsp = nsp;
    this.connected = false;
    this.recovered = false;
    this.receiveBuffer = [];
    this.sendBuffer = [];
    this._opts = { ...opts };
    if (this._opts.auth) this.auth = this._opts.auth;
    this._queue = [];
    this._acks = new Map();
    this._nextId = 0;
    this._flags = {};
    this._anyIncoming = [];
    this._anyOutgoing = [];
    if (io._autoConnect) this.open();
  }

  get disconnected() {
    return !this.connected;
  }

  /** True if the socket listens to its manager, and so reconnects after the connection is lost. */
  get active() {
    return !!this._subscriptions;
  }

  connect() {
    if (this.connected) return this;
    if (!this._subscriptions) {
      this._subscriptions = [
        subscribe(this.io, "open", () => this._connect()),
        subscribe(this.io, "packet", (packet) => this._received(packet)),
        subscribe(this.io, "error", (error) => this.connected || this._emitLocally("connect_error", error)),
        subscribe(this.io, "close", (reason, details) => this._disconnected(reason, details)),
      ];
    }
    if (!this.io._reconnecting) this.io.open();
    if (this.io._readyState === "open") this._connect();
    return this;
  }

  disconnect() {
    const wasConnected = this.connected;
    if (wasConnected) this._send({ type: DISCONNECT });
    this._leave();
    if (wasConnected) this._disconnected("io client disconnect");
    return this;
  }

  // Sending

  emit(name, ...args) {
    if (RESERVED_EVENTS.has(name)) throw new Error(`"${name}" is a reserved event name`);
    const flags = this._flags;
    this._flags = {};
    if (this._opts.retries && !flags.volatile) this._enqueue([name, ...args], flags);
    else this._emitNow([name, ...args], flags);
    return this;
  }

  emitWithAck(name, ...args) {
    return new Promise((resolve, reject) => {
      const acknowledged = (error, value) => (error ? reject(error) : resolve(value));
      acknowledged.withError = true;
      this.emit(name, ...args, acknowledged);
    });
  }

  send(...args) {
    return this.emit("message", ...args);
  }

  /** Applies to the next event: it is dropped if it cannot be sent at once. */
  get volatile() {
    this._flags.volatile = true;
    return this;
  }

  /** Applies to the next event: its callback gets an error if no acknowledgement arrives within these milliseconds. */
  timeout(milliseconds) {
    this._flags.timeout = milliseconds;
    return this;
  }

  /** Applies to the next event. Has no effect: browsers decide about compression themselves. */
  compress(compress) {
    this._flags.compress = compress;
    return this;
  }

  _emitNow(args, flags) {
    const packet = { type: EVENT, data: args, options: { compress: flags.compress !== false } };
    if (typeof args[args.length - 1] === "function") {
      packet.id = this._nextId++;
      this._expectAck(packet.id, args.pop(), flags.timeout ?? this._opts.ackTimeout);
    }
    const engine = this.io.engine;
    if (flags.volatile && !engine?.transport?.writable) return;
    if (this.connected && !engine._hasPingExpired()) this._sendEvent(packet);
    else this.sendBuffer.push(packet);
  }

  _sendEvent(packet) {
    for (const listener of this._anyOutgoing) listener.apply(this, packet.data);
    this._send(packet);
  }

  _send(packet) {
    this.io._send({ ...packet, nsp: this.nsp });
  }

  // Acknowledgements

  _expectAck(id, callback, timeout) {
    if (timeout === undefined) {
      this._acks.set(id, callback);
      return;
    }
    const timer = setTimeout(() => {
      this._acks.delete(id);
      this.sendBuffer = this.sendBuffer.filter((packet) => packet.id !== id);
      callback.call(this, new Error("operation has timed out"));
    }, timeout);
    const acknowledged = (...args) => {
      clearTimeout(timer);
      callback.apply(this, args);
    };
    acknowledged.withError = true;
    this._acks.set(id, acknowledged);
  }

  _acknowledged({ id, data }) {
    const callback = this._acks.get(id);
    if (!callback) return;
    this._acks.delete(id);
    callback.apply(this, callback.withError ? [null, ...data] : data);
  }

  /** Fails the pending acknowledgements of a lost connection, which will never arrive. */
  _forgetAcks() {
    for (const [id, callback] of [...this._acks]) {
      if (this.sendBuffer.some((packet) => packet.id === id)) continue;
      this._acks.delete(id);
      if (callback.withError) callback.call(this, new Error("socket has been disconnected"));
    }
  }

  // The retry queue

  _enqueue(args, flags) {
    const callback = typeof args[args.length - 1] === "function" ? args.pop() : undefined;
    const entry = { args, flags, tryCount: 0, pending: false };
    const acknowledged = (error, ...values) => {
      entry.pending = false;
      if (!error || entry.tryCount > this._opts.retries) {
        this._queue.shift();
        if (callback) callback(error, ...values);
      }
      this._drainQueue();
    };
    acknowledged.withError = true;
    args.push(acknowledged);
    this._queue.push(entry);
    this._drainQueue();
  }

  /** Sends the first event of the queue unless it is in flight. A lost connection or a timeout fails the attempt. */
  _drainQueue() {
    const [entry] = this._queue;
    if (!this.connected || !entry || entry.pending) return;
    entry.pending = true;
    entry.tryCount++;
    this._emitNow([...entry.args], entry.flags);
  }

  // The connection

  _connect() {
    const { engine } = this.io;
    const give = (auth) => this._sendConnect(engine, auth);
    if (typeof this.auth === "function") this.auth(give);
    else give(this.auth);
  }

  /**
   * Sends CONNECT once per connection, because a second one would end it. Ignores an `auth` that the application
   * provides after the connection was replaced.
   */
  _sendConnect(engine, auth) {
    if (this.io.engine !== engine || this._asked === engine || !this.active) return;
    this._asked = engine;
    this._send({ type: CONNECT, data: this._pid ? { pid: this._pid, offset: this._lastOffset, ...auth } : auth });
  }

  _connected({ sid, pid }) {
    this.id = sid;
    this.recovered = !!pid && this._pid === pid;
    this._pid = pid;
    this.connected = true;
    const received = this.receiveBuffer;
    this.receiveBuffer = [];
    for (const args of received) this._emitEvent(args);
    const unsent = this.sendBuffer;
    this.sendBuffer = [];
    for (const packet of unsent) this._sendEvent(packet);
    this._drainQueue();
    this._emitLocally("connect");
  }

  _disconnected(reason, details) {
    this.connected = false;
    delete this.id;
    this._emitLocally("disconnect", reason, details);
    this._forgetAcks();
  }

  /** Stops listening to the manager, which closes its connection if no socket is active any more. */
  _leave() {
    for (const unsubscribe of this._subscriptions || []) unsubscribe();
    this._subscriptions = this._asked = undefined;
    this.io._left();
  }

  // Receiving

  _received(packet) {
    if (packet.nsp !== this.nsp) return;
    switch (packet.type) {
      case CONNECT:
        if (packet.data?.sid) this._connected(packet.data);
        else this._emitLocally("connect_error", new Error("the server speaks a Socket.IO protocol before 5"));
        break;
      case EVENT:
        if (packet.id !== undefined) packet.data.push(this._makeAck(packet.id));
        if (this.connected) this._emitEvent(packet.data);
        else this.receiveBuffer.push(packet.data);
        break;
      case ACK:
        this._acknowledged(packet);
        break;
      case DISCONNECT:
        this._leave();
        this._disconnected("io server disconnect");
        break;
      case CONNECT_ERROR: {
        this._leave();
        const { message, data } = typeof packet.data === "string" ? { message: packet.data } : packet.data;
        this._emitLocally("connect_error", Object.assign(new Error(message), { data }));
      }
    }
  }

  _emitEvent(args) {
    for (const listener of this._anyIncoming) listener.apply(this, args);
    this._emitLocally(...args);
    // The server appends its offset to events. If another string is sent back, the server recognises that it is not an
    // offset.
    const last = args[args.length - 1];
    if (this._pid && typeof last === "string") this._lastOffset = last;
  }

  _makeAck(id) {
    const { engine } = this.io;
    let isSent = false;
    return (...data) => {
      // On another connection, the id would refer to another event.
      if (isSent || !this.connected || this.io.engine !== engine) return;
      isSent = true;
      this._send({ type: ACK, id, data });
    };
  }

  _emitLocally(name, ...args) {
    return super.emit(name, ...args);
  }
}

Socket.prototype.open = Socket.prototype.connect;
Socket.prototype.close = Socket.prototype.disconnect;

// Listeners of all events: onAny(), prependAny(), offAny(), listenersAny(), and the same for outgoing events.
for (const [suffix, list] of [["Any", "_anyIncoming"], ["AnyOutgoing", "_anyOutgoing"]]) {
  const define = (name, change) => {
    Socket.prototype[name + suffix] = function (listener) {
      this[list] = change(this[list], listener);
      return this;
    };
  };
  define("on", (listeners, listener) => [...listeners, listener]);
  define("prepend", (listeners, listener) => [listener, ...listeners]);
  define("off", without);
  Socket.prototype["listeners" + suffix] = function () {
    return this[list];
  };
}
