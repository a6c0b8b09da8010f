// The user's messages that the server has not acknowledged yet.

const UNSENT_KEY = "chatd.unsent.";
const TAB_KEY = "chatd.tab.";
/** The key in the session storage for the name of this tab, which survives a reload. */
const OWN_TAB_KEY = "chatd.tab";
/** The time in which a reloaded tab can reclaim its messages before another tab takes them over. */
const RELOAD_MILLISECONDS = 3_000;
/**
 * If the browser has no locks, an open tab writes the time to the storage at this interval, and in a hidden tab about
 * once a minute. A tab that has not written for `SILENCE_MILLISECONDS` counts as closed.
 */
const BEAT_MILLISECONDS = 5_000;
const SILENCE_MILLISECONDS = 180_000;

/**
 * The unsent messages of this tab, oldest first, kept in the local storage until they are removed.
 *
 * Each message has its own key, which contains the tab's name, so two tabs never change the same key at once. A tab
 * holds a lock while it is open. The other tabs wait for the locks of tabs with messages. The tab that gets such a lock
 * takes the messages over, unless their owner was only reloaded and reclaims them.
 * If two tabs send the same message, the server recognises its client offset.
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
      // The user has disabled the storage.
    }
    // Without a storage, messages are kept until the page closes. In an embedded page the storage may be null.
    if (!this.storage) return;
    if (navigator.locks) navigator.locks.request(TAB_KEY + this.tab, () => new Promise(() => {}));
    else this.beat();
    addEventListener("storage", (event) => this.storageChanged(event));
    for (const key of Object.keys(this.storage)) this.discover(key);
  }

  add(text) {
    const last = this.entries[this.entries.length - 1];
    const entry = { offset: randomDigits(), text, time: Math.max(Date.now(), (last?.time ?? 0) + 1) };
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
      // The storage is full, so this message is kept only until the page closes.
      entry.isSaved = false;
    }
  }

  /** True if closing the page would lose a message. */
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

  /** Handles a key with a message of any tab. */
  discover(key) {
    const found = this.read(key);
    if (found && found.tab !== this.tab) this.watch(found.tab);
  }

  /** Takes over the messages of another tab when it closes. */
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

  /** Stores a new name for this tab. Returns the name before the reload; null if there is none. */
  renameTab() {
    try {
      const before = sessionStorage.getItem(OWN_TAB_KEY);
      sessionStorage.setItem(OWN_TAB_KEY, this.tab);
      return before;
    } catch {
      // The storage is disabled, so a reloaded tab cannot be recognised.
      return null;
    }
  }

  takeOver(tab) {
    this.watched.delete(tab);
    for (const key of Object.keys(this.storage)) {
      const found = this.read(key);
      if (found?.tab !== tab) continue;
      const { offset, text, time } = found;
      const entry = { offset, text, time };
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
      // Another tab took the message over because it assumed that this tab was closed, or has removed it since.
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
        // The storage is disabled or full.
      }
      this.takeOverSilent();
    };
    setInterval(write, BEAT_MILLISECONDS);
    addEventListener("pageshow", write);
    addEventListener("pagehide", () => this.storage.removeItem(TAB_KEY + this.tab));
    write();
  }

  /** Takes over the messages of watched tabs that have not written their time for too long. */
  takeOverSilent() {
    for (const tab of this.watched) {
      const lastBeat = Number(this.storage.getItem(TAB_KEY + tab));
      if (Date.now() - lastBeat < SILENCE_MILLISECONDS) continue;
      this.storage.removeItem(TAB_KEY + tab);
      this.takeOver(tab);
    }
  }
}
