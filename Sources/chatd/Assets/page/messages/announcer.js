// Announces new messages to screen readers.

/** Only this many characters of a message are announced. */
const SAID_LENGTH = 300;
/** When more than this many wait, only their number is announced. */
const SAID_MESSAGES = 3;
/** Screen readers may drop an announcement that directly follows another one. */
const PAUSE_MILLISECONDS = 1_000;
/** Announcements are removed after this time, so that a screen reader that reads the whole page skips them. */
const SAID_MILLISECONDS = 15_000;

/** Adds each message to a live region as a separate element, so that a repeated text is announced again. */
class Announcer {
  constructor(region) {
    this.region = region;
    this.waiting = [];
  }

  announce(texts) {
    this.waiting.push(...texts);
    if (!this.timer) this.next();
  }

  next() {
    const count = this.waiting.length;
    this.timer = count > 0 ? setTimeout(() => this.next(), PAUSE_MILLISECONDS) : null;
    if (count === 0) return;
    const element = count > SAID_MESSAGES ? document.createElement("p") : textElement("p");
    if (count > SAID_MESSAGES) {
      element.textContent = `${count} new messages`;
      this.waiting = [];
    } else {
      element.textContent = this.waiting.shift().slice(0, SAID_LENGTH);
    }
    this.region.append(element);
    setTimeout(() => element.remove(), SAID_MILLISECONDS);
  }
}
