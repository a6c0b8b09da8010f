// The connection: its state in the header, the button that opens and closes it, and the transports it uses.

const health = new Health(() => {
  showState();
  drawUnsent();
});

socket.on("connect", () => {
  health.connected();
  showState();
  askIdentity();
  catchUp();
  sendRefused();
});

// The server tells why it is about to end the connection.
socket.on("disconnect reason", (data) => health.refused(endWords(data)));

socket.on("disconnect", (reason, details) => {
  health.lost(details);
  if (reason === "io server disconnect" && !health.refusal) health.refused("The server has ended the connection.");
  useTransports();
  drawUnsent();
});

// The operator's latest announcement stays until the page is loaded again.
socket.on("chat announcement", ({ text }) => timeline.keepPlace(() => say(announcement, text)));

socket.on("connect_error", (error) => {
  // An active socket tries again by itself: there was no connection, or a request was refused.
  if (socket.active) health.failed(error);
  else health.refused(refusalWords(error));
  useTransports();
});

socket.io.on("reconnect_attempt", showState);

/** Sets the transports of the next attempt. */
function useTransports() {
  socket.io.opts.transports = health.transports;
  showState();
}

toggle.addEventListener("click", () => {
  if (socket.active) socket.disconnect();
  else socket.connect();
  showState();
});

function showState() {
  const waiting = outbox.entries.length;
  const [name, words] = socket.connected
    ? ["connected", "Connected"]
    : socket.active
      ? ["connecting", lastID === null ? "Connecting…" : "Reconnecting…"]
      : ["disconnected", "Disconnected"];
  state.dataset.state = name;
  say(state, socket.connected || waiting === 0 ? words : `${words} (${waiting}\u00a0unsent)`);
  trouble.classList.toggle("refusal", !!health.refusal);
  timeline.keepPlace(() => say(trouble, health.refusal || (socket.active ? health.words : "")));
  toggle.textContent = socket.active ? "Disconnect" : "Connect";
}

/** Changes a live region only if its text changes, so that the same text is not announced again. */
function say(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
