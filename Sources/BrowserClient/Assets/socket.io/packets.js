// Socket.IO packets (protocol 5): TYPE[ATTACHMENTS-][/namespace,][ACKID][JSON], then the attachments.

const CONNECT = 0;
const DISCONNECT = 1;
const EVENT = 2;
const ACK = 3;
const CONNECT_ERROR = 4;
const BINARY_EVENT = 5;
const BINARY_ACK = 6;

/** The kinds of JSON that each packet type may carry, by type. */
const PAYLOADS = [["object", "undefined"], ["undefined"], ["array"], ["array"], ["object", "string"]];

/** Names with a meaning to the client or to an emitter, which application events must not have. */
const RESERVED_EVENTS = new Set([
  "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
]);

function isBinary(value) {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value)
    || (typeof Blob === "function" && value instanceof Blob);
}

/** Encodes a packet as messages: its text, and one message per binary value in its data. */
function encodePacket({ type, nsp, id, data }) {
  const attachments = [];
  const json = data == null ? "" : JSON.stringify(data, function (key, value) {
    // JSON.stringify has already called toJSON() on `value`, which a binary value may have.
    if (!isBinary(this[key])) return value;
    return { _placeholder: true, num: attachments.push(this[key]) - 1 };
  });
  const header = attachments.length ? `${type === EVENT ? BINARY_EVENT : BINARY_ACK}${attachments.length}-` : type;
  return [`${header}${nsp === "/" ? "" : nsp + ","}${id ?? ""}${json}`, ...attachments];
}

/** Decodes incoming messages into packets. */
class PacketDecoder {
  constructor() {
    this.reset();
  }

  reset() {
    this._pending = null;
    this._attachments = [];
  }

  /**
   * Adds a text or an attachment. Returns the packet that it completes, if any. Throws if it is part of no packet.
   */
  add(input) {
    if (typeof input === "string") {
      if (this._pending) throw new Error("text in place of an attachment");
      this._pending = this._header(input);
    } else {
      if (!this._pending) throw new Error("an attachment without a packet");
      this._attachments.push(input);
    }
    const { count, text, ...packet } = this._pending;
    if (this._attachments.length < count) return undefined;
    packet.data = this._data(packet.type, text);
    this.reset();
    return packet;
  }

  _header(input) {
    const match = /^([0-4]|[56](\d+)-)(\/[^,]*,?)?(\d*)/.exec(input);
    if (!match) throw new Error("unknown packet");
    const [header, type, count, nsp, id] = match;
    const number = Number(type[0]);
    return {
      type: number === BINARY_EVENT ? EVENT : number === BINARY_ACK ? ACK : number,
      nsp: nsp ? nsp.replace(",", "") : "/",
      id: id ? Number(id) : undefined,
      count: Number(count || 0),
      text: input.slice(header.length),
    };
  }

  _data(type, text) {
    const data = text ? JSON.parse(text, this._attachments.length ? this._fill.bind(this) : undefined) : undefined;
    const kind = data === null ? "null" : Array.isArray(data) ? "array" : typeof data;
    const isNameValid = type !== EVENT || (/^(string|number)$/.test(typeof data?.[0]) && !RESERVED_EVENTS.has(data[0]));
    if (!PAYLOADS[type].includes(kind) || !isNameValid) throw new Error("invalid payload");
    return data;
  }

  _fill(key, value) {
    if (!value || value._placeholder !== true) return value;
    const attachment = Number.isInteger(value.num) && this._attachments[value.num];
    if (!attachment) throw new Error("illegal attachments");
    return attachment;
  }
}
