// The two ways to carry Engine.IO packets: HTTP requests, and a WebSocket.

const ENGINE_PACKETS = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];

/** The separator of packets in a request or response. */
const SEPARATOR = "\x1e";

function encodeText({ type, data }) {
  return ENGINE_PACKETS.indexOf(type) + (data ?? "");
}

/** Encodes binary messages in base64 for text-only transports. */
async function encodeForPolling(packet) {
  if (!isBinary(packet.data)) return encodeText(packet);
  const bytes = new Uint8Array(await new Response(packet.data).arrayBuffer());
  let characters = "";
  for (let start = 0; start < bytes.length; start += 8192) {
    characters += String.fromCharCode(...bytes.subarray(start, start + 8192));
  }
  return "b" + btoa(characters);
}

function decodeMessage(frame, binaryType) {
  if (typeof frame !== "string") return { type: "message", data: frame };
  try {
    if (frame[0] === "b") {
      const bytes = Uint8Array.from(atob(frame.slice(1)), (character) => character.charCodeAt(0));
      return { type: "message", data: binaryType === "blob" ? new Blob([bytes]) : bytes.buffer };
    }
    const type = ENGINE_PACKETS[frame[0]];
    if (type) return frame.length > 1 ? { type, data: frame.slice(1) } : { type };
  } catch {
    // Invalid base64 is not a packet.
  }
  return { type: "error", data: "parser error" };
}

/** Emits `open`, `packet`, `drain` (the transport accepted everything), `error` and `close`. */
class Transport extends Emitter {
  constructor(name, engine, query) {
    super();
    this.name = name;
    this.query = query;
    this.writable = false;
    this._engine = engine;
    this._opts = engine.opts;
  }

  open() {
    this._state = "opening";
    this._open();
  }

  close() {
    if (this._state === "closed") return;
    const state = this._state;
    this._closed();
    this._close(state);
  }

  send(packets) {
    if (this._state !== "open") return;
    this.writable = false;
    this._write(packets);
  }

  _opened() {
    this._state = "open";
    this.writable = true;
    this.emit("open");
  }

  _drained() {
    this.writable = true;
    this.emit("drain");
  }

  _failed(reason, description, context) {
    if (this._state === "closed") return;
    this.emit("error", Object.assign(new Error(reason), { type: "TransportError", description, context }));
  }

  _closed(details) {
    this._state = "closed";
    this.emit("close", details);
  }

  _url(scheme) {
    const query = Object.entries(this.query).map((pair) => pair.map(encodeURIComponent).join("="));
    const { secure, host, port } = this._engine.url;
    return `${scheme}${secure ? "s" : ""}://${host}:${port}${this._opts.path}?${query.join("&")}`;
  }
}

/** One GET always waits for packets from the server. POSTs carry packets to it, one after the other. */
class Polling extends Transport {
  _open() {
    this._abort = new AbortController();
    this._poll();
  }

  async _request(body) {
    if (this._opts.timestampRequests !== false) {
      this.query[this._opts.timestampParam] = Math.random().toString(36).slice(2, 10);
    }
    const response = await fetch(this._url("http"), {
      method: body === undefined ? "GET" : "POST",
      body,
      headers: this._opts.extraHeaders,
      credentials: this._opts.withCredentials ? "include" : "same-origin",
      cache: "no-store",
      signal: this._abort.signal,
    });
    const responseText = await response.text();
    // The context of the error. The text has its name in XMLHttpRequest, the context of the official client.
    if (response.status !== 200) throw Object.assign(response, { responseText });
    return responseText;
  }

  _poll() {
    this._isPolling = true;
    this._request().then(
      (payload) => this._received(payload),
      (failure) => this._failed("xhr poll error", failure.status ?? 0, failure),
    );
  }

  _received(payload) {
    for (const frame of payload.split(SEPARATOR)) {
      if (this._state === "closed") return;
      const packet = decodeMessage(frame, this._engine.binaryType);
      if (this._state === "opening" && packet.type === "open") this._opened();
      if (packet.type === "close") {
        // Runs after the previous packets, which are also emitted in microtasks.
        return queueMicrotask(() => this._closed({ description: "transport closed by the server" }));
      }
      this.emit("packet", packet);
    }
    this._isPolling = false;
    this.emit("polled");
    if (this._state === "open") this._poll();
  }

  async _write(packets) {
    const payload = (await Promise.all(packets.map(encodeForPolling))).join(SEPARATOR);
    this._request(payload).then(
      () => this._drained(),
      (failure) => this._failed("xhr post error", failure.status ?? 0, failure),
    );
  }

  /** Stops new requests, and calls back when none is in flight. */
  pause(paused) {
    this._state = "pausing";
    const check = () => {
      if (this._state !== "pausing") return;
      if (this._isPolling) return this.once("polled", check);
      if (!this.writable) return this.once("drain", check);
      this._state = "paused";
      paused();
    };
    check();
  }

  resume() {
    if (this._state !== "pausing" && this._state !== "paused") return;
    this._state = "open";
    if (!this._isPolling) this._poll();
  }

  _close(state) {
    // The server ends the waiting GET after a close packet. A session that is not open yet has no id with which to
    // close it.
    const told = state === "opening" ? Promise.resolve() : this._request("1");
    told.catch(() => {}).then(() => this._abort.abort());
  }
}

class WebSocketTransport extends Transport {
  _open() {
    try {
      this._socket = new WebSocket(this._url("ws"));
    } catch (error) {
      queueMicrotask(() => this.emit("error", error));
      return;
    }
    this._socket.binaryType = this._engine.binaryType;
    this._socket.onopen = () => this._opened();
    this._socket.onmessage = ({ data }) => this.emit("packet", decodeMessage(data, this._engine.binaryType));
    this._socket.onerror = (event) => this._failed("websocket error", undefined, event);
    this._socket.onclose = (event) => this._closed({ description: "websocket connection closed", context: event });
  }

  _write(packets) {
    for (const packet of packets) this._socket.send(isBinary(packet.data) ? packet.data : encodeText(packet));
    queueMicrotask(() => this._drained());
  }

  _close() {
    if (!this._socket) return;
    this._socket.onopen = this._socket.onmessage = this._socket.onerror = this._socket.onclose = null;
    this._socket.close();
  }
}

const TRANSPORTS = { polling: Polling, websocket: WebSocketTransport };
