// Problems between the page and the server that reconnecting alone does not solve.

/** The statuses of a request that the server refuses because of who sends it. */
const REFUSED = [401, 403];
/** The status of a request of an address that has too many connections. */
const TOO_MANY = 429;
/** After this many failures in a row of a WebSocket that had worked, a request asks the server for the reason. */
const SILENT_FAILURES = 2;

/** The delay of an acknowledgement after which the user is told. */
const STORING_MILLISECONDS = 5_000;
/** The age at which a connection counts as stable. */
const LASTING_MILLISECONDS = 10_000;
/** After this many unknown sessions in a row, requests reach different servers. A restart can cause one. */
const FORGOTTEN_SESSIONS = 2;
/** The status of a request for a session that the server does not know. */
const UNKNOWN_SESSION = 400;

const ALL_TRANSPORTS = ["polling", "websocket"];

/**
 * Turns the events of the connection into a notice for the user (`words`, empty while there is no problem) and the
 * `transports` of the next attempt.
 *
 * Behind a proxy without sticky sessions, each request of a polling session may reach another server, which does not
 * have the session. A WebSocket is a single request and works there, so the next attempt uses only a WebSocket.
 */
class Health {
  constructor(onChange) {
    this.onChange = onChange;
    this.transports = ALL_TRANSPORTS;
    this.isConnected = false;
    /** True if a connection succeeded since the transports changed. */
    this.hasConnected = false;
    this.forgotten = 0;
    /** The number of times in a row that a WebSocket, which tells no status, could not be opened. */
    this.silent = 0;
    /** Why the server refuses the user, until a connection succeeds. Stays when the page gives up. */
    this.refusal = "";
    /** The notices about connecting and about storing; empty without a problem. */
    this.connecting = "";
    this.storing = "";
  }

  get words() {
    return this.connecting || this.storing;
  }

  // Connecting

  connected() {
    this.connecting = this.refusal = "";
    this.silent = 0;
    this.isConnected = this.hasConnected = true;
    this.lastingTimer = setTimeout(() => (this.forgotten = 0), LASTING_MILLISECONDS);
  }

  /** The connection was lost. `details` may be the error of a request, whose description is the HTTP status. */
  lost(details) {
    clearTimeout(this.lastingTimer);
    this.answered();
    // A failed attempt is reported as a loss too, after failed().
    if (this.isConnected && details?.description === UNKNOWN_SESSION) this.sessionUnknown();
    this.isConnected = false;
  }

  /** An attempt to connect failed. */
  failed(error) {
    clearTimeout(this.lastingTimer);
    const status = error.description;
    if (status === UNKNOWN_SESSION) {
      this.sessionUnknown();
    } else if (this.transports !== ALL_TRANSPORTS) {
      this.webSocketFailed();
    } else if (typeof status === "number") {
      this.answeredWith(error);
    }
  }

  /** The server refuses the user, or has ended the connection. */
  refused(words) {
    this.connecting = "";
    this.refusal = words;
  }

  /** The answer to a request has another status than it should. 0 means that there was none. */
  answeredWith(error) {
    const status = error.description;
    this.connecting = "";
    if (status === 0) return;
    if (REFUSED.includes(status)) return this.refused(requestRefusalWords(error));
    this.refusal = "";
    this.connecting =
      status === TOO_MANY
        ? "There are too many connections from your network at the moment. This page tries again."
        : `The server cannot be used: it answers with status ${status}.`;
  }

  /** A WebSocket alone could not be opened. */
  webSocketFailed() {
    if (!this.hasConnected) {
      this.transports = ALL_TRANSPORTS;
      this.forgotten = 0;
      this.connecting =
        "Your requests reach different servers, and no WebSocket gets through. The proxy in between must send each " +
        "browser to one server (“sticky sessions”) or let WebSockets pass.";
    } else if (++this.silent >= SILENT_FAILURES) {
      // The browser does not tell why a WebSocket failed, but it tells the status of a request. If that finds the
      // session unknown, a single one is enough to return to the WebSocket.
      this.transports = ALL_TRANSPORTS;
      this.forgotten = FORGOTTEN_SESSIONS - 1;
      this.silent = 0;
    }
  }

  sessionUnknown() {
    this.forgotten++;
    if (this.forgotten < FORGOTTEN_SESSIONS) return;
    this.transports = ["websocket"];
    this.hasConnected = false;
    this.connecting ||= "Your requests reach different servers. Trying a WebSocket alone, which needs only one…";
  }

  // Storing

  /** A message was sent, so an acknowledgement is due. */
  sent() {
    this.storingTimer ??= setTimeout(() => {
      this.storing = "Messages cannot be stored at the moment. Yours are kept.";
      this.onChange();
    }, STORING_MILLISECONDS);
  }

  /** An acknowledgement arrived, or none can arrive any more because the connection is lost. */
  answered() {
    clearTimeout(this.storingTimer);
    this.storingTimer = undefined;
    const wasLate = this.storing !== "";
    this.storing = "";
    if (wasLate) this.onChange();
  }
}
