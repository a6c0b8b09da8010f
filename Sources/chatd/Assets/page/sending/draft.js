// The text in the input, which survives a reload of the tab.

const DRAFT_KEY = "chatd.draft";

class Draft {
  constructor() {
    try {
      this.storage = sessionStorage;
    } catch {
      // The user has disabled the storage.
    }
  }

  get text() {
    return this.storage?.getItem(DRAFT_KEY) ?? "";
  }

  set text(text) {
    try {
      if (text) this.storage?.setItem(DRAFT_KEY, text);
      else this.storage?.removeItem(DRAFT_KEY);
    } catch {
      // The storage is full.
    }
  }
}
