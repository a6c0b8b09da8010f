// What the user wrote and the server has not acknowledged yet.

const UNSENT_KEY = "chatd.unsent.";
const TAB_KEY = "chatd.tab.";
/** In the session storage: what this tab was called before it was reloaded. */
const OWN_TAB_KEY = "chatd.tab";
/** A tab that goes may only be reloaded: it has so long to come back for its messages. */
const RELOAD_MILLISECONDS = 3_000;
/** Without locks, a tab shows that it lives by a time in the storage; browsers let hidden tabs write once a minute. */
const BEAT_MILLISECONDS = 5_000;
const SILENCE_MILLISECONDS = 180_000;

/**
 * The unsent messages of this tab, oldest first, kept in the local storage until they are removed.
 *
 * Each has a key of its own, which says the tab it belongs to, so tabs never change the same key at once. A tab holds a
 * lock while it lives. The others wait for the locks of tabs that have messages, and who gets one takes them over, unless
 * the tab has only been reloaded and takes them itself.
 * Should two tabs ever send the same message, its client offset tells the server.
 */
class Outbox {
  constructor(onChange) {
    this.onChange = onChange;
    this.tab = randomDigits();
    this.tabBefore = this.renameTab();
    this.entries = [];
    this.watched = new Set();
    try {
      this.storage = localStorage;
    } catch {
      // The user has forbidden it.
    }
    // Messages live as long as the page. Where an application embeds the page, there may be null.
    if (!this.storage) return;
    if (navigator.locks) navigator.locks.request(TAB_KEY + this.tab, () => new Promise(() => {}));
    else this.beat();
    addEventListener("storage", (event) => this.storageChanged(event));
    for (const key of Object.keys(this.storage)) this.discover(key);
  }

  add(text) {
    const last = this.entries[this.entries.length - 1];
    const entry = { offset: randomDigits(), text, time: Math.max(Date.now(), (last?.time ?? 0) + 1), tries: 0 };
    this.entries.push(entry);
    this.save(entry);
    this.onChange();
    return entry;
  }

  remove(entry) {
    this.entries = this.entries.filter((other) => other !== entry);
    this.storage?.removeItem(UNSENT_KEY + entry.offset);
    this.onChange();
  }

  save(entry) {
    const { offset, text, time } = entry;
    try {
      this.storage?.setItem(UNSENT_KEY + offset, JSON.stringify({ text, time, tab: this.tab }));
      entry.isSaved = Boolean(this.storage);
    } catch {
      // The storage is full: this message lives as long as the page.
      entry.isSaved = false;
    }
  }

  /** Whether something would be lost with the page. */
  get hasUnsaved() {
    return this.entries.some((entry) => !entry.isSaved);
  }

  read(key) {
    if (!key?.startsWith(UNSENT_KEY)) return null;
    try {
      const { text, time, tab } = JSON.parse(this.storage.getItem(key));
      return typeof text === "string" ? { offset: key.slice(UNSENT_KEY.length), text, time, tab } : null;
    } catch {
      return null;
    }
  }

  // Other tabs

  /** Looks whose message a key holds. */
  discover(key) {
    const found = this.read(key);
    if (found && found.tab !== this.tab) this.watch(found.tab);
  }

  /** Takes the messages of another tab over as soon as it is gone. */
  watch(tab) {
    if (this.watched.has(tab)) return;
    this.watched.add(tab);
    if (!navigator.locks) return this.takeOverSilent();
    const request = (options, granted) => navigator.locks.request(TAB_KEY + tab, options, granted);
    const takeOver = () => this.takeOver(tab);
    request({ ifAvailable: true }, (lock) => {
      if (lock) return takeOver();
      request({}, () => {
        setTimeout(() => request({}, takeOver), tab === this.tabBefore ? 0 : RELOAD_MILLISECONDS);
      });
    });
  }

  renameTab() {
    try {
      const before = sessionStorage.getItem(OWN_TAB_KEY);
      sessionStorage.setItem(OWN_TAB_KEY, this.tab);
      return before;
    } catch {
      // Forbidden: after a reload it is one tab of many.
      return null;
    }
  }

  takeOver(tab) {
    this.watched.delete(tab);
    for (const key of Object.keys(this.storage)) {
      const found = this.read(key);
      if (found?.tab !== tab) continue;
      const { offset, text, time } = found;
      const entry = { offset, text, time, tries: 0 };
      this.entries.push(entry);
      this.save(entry);
    }
    this.entries.sort((one, other) => one.time - other.time);
    this.onChange();
  }

  /** Another tab has changed the storage. */
  storageChanged({ key, newValue }) {
    if (!key?.startsWith(UNSENT_KEY)) return;
    const mine = this.entries.find((entry) => entry.offset === key.slice(UNSENT_KEY.length));
    const isMine = newValue !== null && this.read(key)?.tab === this.tab;
    if (mine && !isMine) {
      // It took this tab for gone. The message is its business now.
      this.entries = this.entries.filter((entry) => entry !== mine);
      this.onChange();
    }
    this.discover(key);
  }

  // Without locks

  beat() {
    const write = () => {
      try {
        this.storage.setItem(TAB_KEY + this.tab, Date.now());
      } catch {
        // As above.
      }
      this.takeOverSilent();
    };
    setInterval(write, BEAT_MILLISECONDS);
    addEventListener("pageshow", write);
    addEventListener("pagehide", () => this.storage.removeItem(TAB_KEY + this.tab));
    write();
  }

  takeOverSilent() {
    for (const tab of this.watched) {
      const lastBeat = Number(this.storage.getItem(TAB_KEY + tab));
      if (Date.now() - lastBeat < SILENCE_MILLISECONDS) continue;
      this.storage.removeItem(TAB_KEY + tab);
      this.takeOver(tab);
    }
  }
}
