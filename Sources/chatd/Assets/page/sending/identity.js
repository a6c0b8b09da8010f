// The identity of this browser: the author of its messages.

const IDENTITY_KEY = "chatd.identity";

/** 32 random hexadecimal digits. `crypto.randomUUID` is missing on insecure pages. */
function randomDigits() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The browser's secret, kept in the local storage. Without a storage, each page has its own. */
function readIdentity() {
  try {
    // Read it again after writing, because another tab may have written first.
    if (!localStorage.getItem(IDENTITY_KEY)) localStorage.setItem(IDENTITY_KEY, randomDigits());
    return localStorage.getItem(IDENTITY_KEY);
  } catch {
    return randomDigits();
  }
}

let identity = readIdentity();

/** The public form of the secret, which the server sends to other clients. */
let ownAuthor = authorOf(identity);

function authorOf(secret) {
  return sha256(secret).slice(0, 32);
}

// Tabs opened at the same moment may each create a secret. Use the one that stays in the storage.
addEventListener("storage", ({ key, newValue }) => {
  if (key !== IDENTITY_KEY || !newValue) return;
  const stored = readIdentity();
  if (stored === identity) return;
  identity = stored;
  ownAuthor = authorOf(identity);
  if (socket.active) socket.disconnect().connect();
});
