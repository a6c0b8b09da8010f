// Engine.IO (protocol 4): a session with the server, over one transport and, if possible, an upgrade to a better one.

/**
 * Emits `open`, `handshake`, `packet`, `packetCreate`, `data` and `message`, `drain`, `flush`, `ping`, `pong`,
 * `heartbeat`, `upgrading`, `upgrade`, `upgradeError`, `error` and `close`.
 */
class Engine extends Emitter {
  constructor(uri, opts) {
    super();
    this.url = parseURL(uri);
    this.opts = { path: "/engine.io", upgrade: true, timestampParam: "t", ...opts };
    this.opts.path = this.opts.path.replace(/\/$/, "") + (this.opts.addTrailingSlash === false ? "" : "/");
    const query = this.url.query || this.opts.query;
    this.opts.query = typeof query === "string" ? Object.fromEntries(new URLSearchParams(query)) : query;
    this.transports = (this.opts.transports || Object.keys(TRANSPORTS)).filter((name) => TRANSPORTS[name]);
    this.binaryType = "arraybuffer";
    this._isUpgrading = false;
    this.writeBuffer = [];
    this._inFlight = 0;
    this._pingDeadline = Infinity;
    this._offline = () => this._end("transport close", { description: "network connection lost" });
    if (this.url.host !== "localhost" && typeof addEventListener === "function") {
      addEventListener("offline", this._offline);
    }
    this._open();
  }

  _open() {
    this.readyState = "opening";
    if (!this.transports.length) {
      setTimeout(() => this.emit("error", "No transports available"));
      return;
    }
    this._use(this._makeTransport(this.transports[0]));
    this.transport.open();
  }

  _makeTransport(name) {
    const query = { ...this.opts.query, EIO: 4, transport: name };
    if (this.id) query.sid = this.id;
    return new TRANSPORTS[name](name, this, query);
  }

  _use(next) {
    if (this.transport) this.transport.off();
    this.transport = next;
    next.on("drain", () => this._drained());
    next.on("packet", (packet) => this._received(packet));
    next.on("error", (error) => this._failed(error));
    next.on("close", (details) => this._end("transport close", details));
  }

  // Receiving

  _received(packet) {
    if (this.readyState === "closed") return;
    this.emit("packet", packet);
    this.emit("heartbeat");
    switch (packet.type) {
      case "open":
        this._handshake(JSON.parse(packet.data));
        break;
      case "ping":
        this._send("pong");
        this.emit("ping");
        this.emit("pong");
        this._expectPing();
        break;
      case "error":
        this._failed(Object.assign(new Error("server error"), { code: packet.data }));
        break;
      case "message":
        this.emit("data", packet.data);
        this.emit("message", packet.data);
    }
  }

  _handshake(data) {
    this.emit("handshake", data);
    this.id = this.transport.query.sid = data.sid;
    this._pingTimeout = data.pingInterval + data.pingTimeout;
    this._maxPayload = data.maxPayload;
    this.readyState = "open";
    // This precedes the listeners, because one may throw: the timer must run even then.
    this._expectPing();
    this.emit("open");
    this._flush();
    if (this.readyState !== "open") return;
    if (!this.opts.upgrade) return;
    for (const name of data.upgrades) if (this.transports.includes(name)) this._probe(name);
  }

  _expectPing() {
    clearTimeout(this._pingTimer);
    this._pingDeadline = Date.now() + this._pingTimeout;
    this._pingTimer = setTimeout(() => this._end("ping timeout"), this._pingTimeout);
  }

  /** True if the server has been silent for too long. The timer of a machine that slept may not have fired yet. */
  _hasPingExpired() {
    if (Date.now() <= this._pingDeadline) return false;
    queueMicrotask(() => this._end("ping timeout"));
    return true;
  }

  // Sending

  send(data, options, sent) {
    return this._send("message", data, options, sent);
  }

  _send(type, data, options, sent) {
    if (/^clos/.test(this.readyState)) return this;
    const packet = { type, data, options: { compress: true, ...options } };
    this.emit("packetCreate", packet);
    this.writeBuffer.push(packet);
    if (sent) this.once("flush", sent);
    this._flush();
    return this;
  }

  _flush() {
    const canSend = this.readyState !== "closed" && this.transport.writable && !this._isUpgrading;
    if (!canSend || !this.writeBuffer.length) return;
    const packets = this._nextPackets();
    this._inFlight = packets.length;
    this.transport.send(packets);
    this.emit("flush");
  }

  /** The packets that fit into one message of the transport. */
  _nextPackets() {
    if (this.transport.name !== "polling" || !this._maxPayload) return this.writeBuffer.slice();
    let size = 0;
    const fitting = this.writeBuffer.findIndex(({ data = "" }) => {
      // A UTF-16 code unit takes at most three bytes in UTF-8, and a byte takes fewer in base64.
      size += 2 + 3 * (data.byteLength ?? data.size ?? data.length);
      return size > this._maxPayload;
    });
    return this.writeBuffer.slice(0, fitting < 0 ? undefined : fitting || 1);
  }

  _drained() {
    this.writeBuffer.splice(0, this._inFlight);
    this._inFlight = 0;
    if (this.writeBuffer.length) this._flush(); else this.emit("drain");
  }

  // Upgrading

  /** Probes the next transport. Once the server has answered there, drains the current one and switches. */
  _probe(name) {
    const candidate = this._makeTransport(name);
    const fail = (cause) => {
      candidate.off();
      candidate.close();
      this.off("close", closed);
      if (this._isUpgrading) {
        this._isUpgrading = false;
        this.transport.resume();
        this._flush();
      }
      this.emit("upgradeError", Object.assign(new Error(`probe error: ${cause}`), { transport: name }));
    };
    const closed = () => fail("socket closed");
    const move = () => {
      candidate.off();
      this.off("close", closed);
      this._use(candidate);
      candidate.send([{ type: "upgrade" }]);
      this._isUpgrading = false;
      this.emit("upgrade", candidate);
      this._flush();
    };
    candidate.once("open", () => candidate.send([{ type: "ping", data: "probe" }]));
    candidate.once("packet", ({ type, data }) => {
      if (type !== "pong" || data !== "probe") return fail("unexpected answer");
      this._isUpgrading = true;
      this.emit("upgrading", candidate);
      this.transport.pause(move);
    });
    candidate.once("error", fail);
    candidate.once("close", () => fail("transport closed"));
    this.once("close", closed);
    candidate.open();
  }

  // Ending

  /** Ends the session after everything written is sent and an upgrade in progress is complete. */
  close() {
    if (!/^open/.test(this.readyState)) return this;
    const isOpening = this.readyState === "opening";
    this.readyState = "closing";
    const close = () => {
      if (this._isUpgrading) this.once("upgrade", close).once("upgradeError", close);
      else if (this.writeBuffer.length && !isOpening) this.once("drain", close);
      else this._end("forced close");
    };
    close();
    return this;
  }

  _failed(error) {
    this.emit("error", error);
    this._end("transport error", error);
  }

  _end(reason, details) {
    if (this.readyState === "closed") return;
    clearTimeout(this._pingTimer);
    if (typeof removeEventListener === "function") removeEventListener("offline", this._offline);
    this.readyState = "closed";
    if (this.transport) {
      this.transport.off();
      this.transport.close();
    }
    this.id = null;
    this.emit("close", reason, details);
    this.writeBuffer = [];
    this._inFlight = 0;
  }
}

Engine.prototype.write = Engine.prototype.send;
