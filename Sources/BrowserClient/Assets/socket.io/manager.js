// The connection shared by the sockets of one server. It reconnects with growing delays.

/** Options that are also functions of a manager: without an argument they return the value, with one they set it. */
const SETTINGS = {
  reconnection: true,
  reconnectionAttempts: Infinity,
  reconnectionDelay: 1000,
  reconnectionDelayMax: 5000,
  randomizationFactor: 0.5,
  timeout: 20000,
};

/**
 * Emits `open`, `error`, `ping`, `packet`, `close`, `reconnect_attempt` (number), `reconnect` (number of attempts),
 * `reconnect_error` (error) and `reconnect_failed`.
 */
class Manager extends Emitter {
  constructor(uri, opts) {
    super();
    if (typeof uri === "object") [uri, opts] = [undefined, uri];
    this.uri = uri;
    this.opts = opts || {};
    this.opts.path = this.opts.path || defaultPath(parseURL(uri));
    this._settings = {};
    for (const name in SETTINGS) {
      const value = this.opts[name] ?? SETTINGS[name];
      // Like the official client, treat 0 as the default.
      this._settings[name] = /^reconnection(A|D)/.test(name) ? value || SETTINGS[name] : value;
    }
    this.nsps = Object.create(null);
    this._autoConnect = this.opts.autoConnect !== false;
    this._readyState = "closed";
    this._reconnecting = false;
    this._attempts = 0;
    this._subscriptions = [];
    this._decoder = new PacketDecoder();
    if (this._autoConnect) this.open();
  }

  /** The socket of a namespace. */
  socket(nsp, opts) {
    if (!this.nsps[nsp]) this.nsps[nsp] = new Socket(this, nsp, opts);
    else if (this._autoConnect && !this.nsps[nsp].active) this.nsps[nsp].connect();
    return this.nsps[nsp];
  }

  /** Opens the connection. Without `callback`, a failure leads to reconnection. */
  open(callback) {
    if (this._readyState !== "closed") return this;
    const engine = new Engine(this.uri, this.opts);
    this.engine = engine;
    this._readyState = "opening";
    this._stopped = false;
    const failed = (error) => {
      this._cleanUp();
      this._readyState = "closed";
      if (!callback) {
        // This precedes the listeners, so that a connect() in one of them has no effect.
        this._reconnecting = false;
        this._reconnect();
      }
      this.emit("error", error);
      if (callback) callback(error);
    };
    this._subscriptions.push(
      subscribe(engine, "open", () => {
        this._opened();
        if (callback) callback();
      }),
      subscribe(engine, "error", failed),
    );
    const { timeout } = this._settings;
    if (timeout !== false) {
      this._startTimer(timeout, () => {
        failed(new Error("timeout"));
        engine.close();
      });
    }
    return this;
  }

  _opened() {
    this._cleanUp();
    this._readyState = "open";
    // A listener may have opened the connection instead of the waiting attempt.
    this._reconnecting = false;
    // This precedes the listeners, because they may throw or disconnect.
    this._subscriptions.push(
      subscribe(this.engine, "ping", () => this.emit("ping")),
      subscribe(this.engine, "data", (data) => this._received(data)),
      subscribe(this.engine, "error", (error) => this.emit("error", error)),
      subscribe(this.engine, "close", (reason, details) => this._closed(reason, details)),
    );
    this.emit("open");
  }

  _received(data) {
    try {
      const packet = this._decoder.add(data);
      // Deferred, so that an exception in a listener does not affect the connection.
      if (packet) queueMicrotask(() => this.emit("packet", packet));
    } catch (error) {
      this._closed("parse error", error);
    }
  }

  _send(packet) {
    for (const frame of encodePacket(packet)) this.engine.write(frame, packet.options);
  }

  /** Called when a socket has left. Closes the connection if no socket is active any more. */
  _left() {
    if (!Object.values(this.nsps).some((socket) => socket.active)) this._close();
  }

  _close() {
    this._stopped = true;
    this._reconnecting = false;
    this._closed("forced close");
  }

  _closed(reason, details) {
    this._cleanUp();
    if (this.engine) this.engine.close();
    this._attempts = 0;
    this._readyState = "closed";
    this.emit("close", reason, details);
    this._reconnect();
  }

  _reconnect() {
    if (!this._settings.reconnection || this._reconnecting || this._stopped) return;
    if (this._attempts >= this._settings.reconnectionAttempts) {
      this._attempts = 0;
      this.emit("reconnect_failed");
      return;
    }
    this._reconnecting = true;
    this._startTimer(this._nextDelay(), () => {
      if (this._stopped) return;
      this.emit("reconnect_attempt", this._attempts);
      if (this._stopped) return;
      this.open((error) => {
        this._reconnecting = false;
        if (error) {
          this._reconnect();
          this.emit("reconnect_error", error);
        } else {
          const attempts = this._attempts;
          this._attempts = 0;
          this.emit("reconnect", attempts);
        }
      });
    });
  }

  /**
   * The delay before the next attempt, doubled each time up to a maximum. Randomized, so that a server's clients do not
   * all reconnect at once.
   */
  _nextDelay() {
    const { reconnectionDelay, reconnectionDelayMax, randomizationFactor } = this._settings;
    const spread = 1 + (2 * Math.random() - 1) * randomizationFactor;
    return Math.min(reconnectionDelay * 2 ** this._attempts++ * spread, reconnectionDelayMax);
  }

  _startTimer(delay, callback) {
    const timer = setTimeout(callback, delay);
    this._subscriptions.push(() => clearTimeout(timer));
  }

  _cleanUp() {
    for (const unsubscribe of this._subscriptions.splice(0)) unsubscribe();
    this._decoder.reset();
  }
}

Manager.prototype.connect = Manager.prototype.open;
Manager.prototype.disconnect = Manager.prototype._close;
for (const name in SETTINGS) {
  Manager.prototype[name] = function (...values) {
    if (!values.length) return this._settings[name];
    this._settings[name] = values[0];
    return this;
  };
}
