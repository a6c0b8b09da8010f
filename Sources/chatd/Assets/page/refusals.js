// Why the server does not let the user in, or has ended the connection.

/** The longest text of the server that is shown. */
const REASON_LENGTH = 300;
const NOT_LET_IN = "The server does not let you in";

/** The reasons of a server that must know its users. */
const UNKNOWN_USER = new Map([
  ["missing", "You are not signed in. Sign in to this site, then connect again."],
  ["expired", "Your sign-in has expired. Sign in to this site again, then connect again."],
  ["notYetValid", "Your sign-in is not valid yet."],
  ["unavailable", "The server cannot find out who you are at the moment. Connect again later."],
]);

/** The words for the error of a rejected CONNECT. */
function refusalWords({ message, data }) {
  if (message === "banned") return banWords(data);
  if (message === "invalid name") return `${NOT_LET_IN} with this name. Choose another one.`;
  if (message !== "unauthorized") return `${NOT_LET_IN}: ${shortened(message)}`;
  return UNKNOWN_USER.get(data?.reason) ?? "The server does not know who you are. Sign in to this site again.";
}

/** The words for an established connection that the server has ended, with the data of `disconnect reason`. */
function endWords(data) {
  const reason = data?.reason;
  if (reason === "banned") return banWords(data);
  if (reason === "expired") return UNKNOWN_USER.get(reason);
  const isTold = typeof reason === "string" && reason !== "disconnected";
  return `The operator has disconnected you${isTold ? `: ${shortened(reason)}` : "."}`;
}

/** The words for a ban. Its end is told only if it is a time, in milliseconds, that has not passed. */
function banWords(data) {
  const until = typeof data?.until === "number" && data.until > Date.now() ? new Date(data.until) : null;
  if (!until || isNaN(until)) return "The operator has banned you.";
  const end = until.toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" });
  return `The operator has banned you until ${end}.`;
}

function shortened(text) {
  return text.length > REASON_LENGTH ? `${text.slice(0, REASON_LENGTH)}…` : text;
}

/**
 * The words for a request that the server has refused with an HTTP status.
 * @param error with the status as its `description`, and an XMLHttpRequest, or the like, as its `context`.
 */
function requestRefusalWords({ description, context }) {
  try {
    const { message } = JSON.parse(context.responseText);
    if (typeof message === "string" && message) return `${NOT_LET_IN}: ${shortened(message)}`;
  } catch {
    // The answer is not the server's. A proxy may have sent it.
  }
  return `${NOT_LET_IN} (status ${description}).`;
}
