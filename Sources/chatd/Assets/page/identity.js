// Who this browser is to the others: the author of its messages.

const IDENTITY_KEY = "chatd.identity";

/** 32 random hexadecimal digits. `crypto.randomUUID` is missing where the page is not served securely. */
function randomDigits() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The browser's secret, kept in the local storage; without one it lives as long as the page. */
function readIdentity() {
  try {
    // Read again after writing: another tab may have been faster.
    if (!localStorage.getItem(IDENTITY_KEY)) localStorage.setItem(IDENTITY_KEY, randomDigits());
    return localStorage.getItem(IDENTITY_KEY);
  } catch {
    return randomDigits();
  }
}

let identity = readIdentity();

/** What the server tells the others instead of the secret. */
let ownAuthor = authorOf(identity);

function authorOf(secret) {
  return sha256(secret).slice(0, 32);
}

// Of tabs that are opened at the same moment each may have made a secret, and one of them stays in the storage.
addEventListener("storage", ({ key, newValue }) => {
  if (key !== IDENTITY_KEY || !newValue) return;
  const stored = readIdentity();
  if (stored === identity) return;
  identity = stored;
  ownAuthor = authorOf(identity);
  if (socket.active) socket.disconnect().connect();
});
