// Which messages this tab has sent.

const OWN_KEY = "chatd.own";
const MAX_OWN = 500;

/** Ids of messages, kept while the tab is open, also over a reload. */
class OwnMessages {
  constructor() {
    try {
      this.ids = new Set(JSON.parse(sessionStorage.getItem(OWN_KEY)));
    } catch {
      this.ids = new Set();
    }
  }

  has(id) {
    return this.ids.has(id);
  }

  add(id) {
    this.ids = new Set([...this.ids, id].slice(-MAX_OWN));
    try {
      sessionStorage.setItem(OWN_KEY, JSON.stringify([...this.ids]));
    } catch {
      // Without storage it is forgotten with the page.
    }
  }
}
