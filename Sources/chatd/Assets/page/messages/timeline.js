// The published messages, and the user's position among them.

/** The most messages that have elements. */
const WINDOW = 240;
/** The number of messages by which the window moves. */
const STEP = 80;
/** The most messages in memory while the user is at the end. */
const REMEMBERED = 5000;
/** The time for which an earlier scroll, by a key or by inertia, may continue after the user has jumped to the end. */
const SETTLING_MILLISECONDS = 800;
/** The distance from the end, in pixels, within which the user counts as being there. */
const END_MARGIN = 48;

/** Changes a list's children to the wanted ones, and leaves correct children in place. */
function arrange(list, wanted) {
  const kept = new Set(wanted);
  for (const element of [...list.children]) if (!kept.has(element)) element.remove();
  let next = list.firstElementChild;
  for (const element of wanted) {
    if (element === next) next = next.nextElementSibling;
    else list.insertBefore(element, next);
  }
}

/**
 * Keeps messages in the order of their ids and shows those near the user's position. A user at the end stays there when
 * messages arrive; elsewhere, the visible messages do not move.
 *
 * Calls `onEdge()` when the user reaches the first loaded message, `onScroll()` when `isAtEnd` may have changed, and
 * `onForget()` when it has dropped its oldest messages.
 */
class Timeline {
  constructor(scroller, list) {
    this.scroller = scroller;
    this.list = list;
    this.onEdge = () => {};
    this.onScroll = () => {};
    this.onForget = () => {};
    this.clear();
    scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.settlesUntil = 0;
    for (const gesture of ["wheel", "touchstart", "pointerdown", "keydown"]) {
      scroller.addEventListener(gesture, () => (this.settlesUntil = 0), { passive: true });
    }
    const observer = new ResizeObserver(() => this.stay());
    observer.observe(scroller);
    observer.observe(list.parentElement);
  }

  clear() {
    this.messages = [];
    this.elements = new Map();
    this.days = new Map();
    // The window is messages[first ..< end].
    this.first = 0;
    this.end = 0;
    this.isAtEnd = true;
    this.layout = "";
    this.list.replaceChildren();
  }

  get firstID() {
    return this.messages[0]?.id;
  }

  get lastID() {
    return this.messages.at(-1)?.id;
  }

  get ids() {
    return this.messages.map(({ id }) => id);
  }

  /** The message with an id; undefined if it is not loaded. */
  get(id) {
    const message = this.messages[this.place(id)];
    return message?.id === id ? message : undefined;
  }

  has(id) {
    return this.get(id) !== undefined;
  }

  /** The index of the first message whose id is not below `id`. */
  place(id) {
    let low = 0;
    let high = this.messages.length;
    // Most messages are new.
    if (high > 0 && this.messages[high - 1].id < id) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.messages[middle].id < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Adds messages `{id, text, time, isOwn}`, in the order of their ids; skips those it already has. */
  add(messages) {
    const fresh = messages.filter((message) => !this.has(message.id));
    if (fresh.length === 0) return;
    const shownFirst = this.messages[this.first]?.id;
    const shownLast = this.messages[this.end - 1]?.id;
    const hadEnd = this.end === this.messages.length;
    if (this.place(fresh[0].id) === this.messages.length) this.messages.push(...fresh);
    else if (fresh[fresh.length - 1].id < this.firstID) this.messages.unshift(...fresh);
    else for (const message of fresh) this.messages.splice(this.place(message.id), 0, message);
    this.first = shownFirst === undefined ? 0 : this.place(shownFirst);
    this.end = hadEnd ? this.messages.length : this.place(shownLast) + 1;
    this.draw();
  }

  /** Removes the messages whose ids are in a set. */
  remove(ids) {
    const shown = this.messages.slice(this.first, this.end).filter((message) => !ids.has(message.id)).length;
    const before = this.messages.slice(0, this.first).filter((message) => !ids.has(message.id)).length;
    this.messages = this.messages.filter((message) => !ids.has(message.id));
    this.first = before;
    this.end = before + shown;
    this.draw();
  }

  // The user's position

  /** Runs a change that affects the page's height, and keeps the visible messages in place. */
  keepPlace(change) {
    const top = this.scroller.getBoundingClientRect().top;
    const anchor = this.isAtEnd
      ? null
      : [...this.list.children].find(
          (element) => element.dataset.id && element.getBoundingClientRect().bottom > top);
    const before = anchor?.getBoundingClientRect().top;
    change();
    if (this.isAtEnd) return this.stay();
    const now = anchor && (anchor.isConnected ? anchor : this.elements.get(Number(anchor.dataset.id)));
    if (now?.isConnected) this.scroller.scrollTop += now.getBoundingClientRect().top - before;
  }

  /** Scrolls to the end again after a change. */
  stay() {
    if (!this.isAtEnd) return;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.layout = this.currentLayout;
  }

  get currentLayout() {
    const { clientWidth, clientHeight, scrollHeight } = this.scroller;
    return `${clientWidth} ${clientHeight} ${scrollHeight}`;
  }

  /** Scrolls to the end. */
  goToEnd() {
    this.isAtEnd = true;
    this.settlesUntil = performance.now() + SETTLING_MILLISECONDS;
    this.draw();
    this.onScroll();
  }

  /** Scrolls to the first loaded message. */
  goToBeginning() {
    this.settlesUntil = 0;
    this.isAtEnd = false;
    this.first = 0;
    this.end = Math.min(this.messages.length, WINDOW);
    this.draw();
    this.scroller.scrollTop = 0;
    this.scrolled();
  }

  /** Scrolls up (-1) or down (1) by almost a page. */
  turnPage(direction) {
    this.settlesUntil = 0;
    this.scroller.scrollTop += direction * this.scroller.clientHeight * 0.9;
  }

  get distanceToEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  scrolled() {
    if (performance.now() < this.settlesUntil) return this.stay();
    // The user did not scroll: the window's or the text's size changed.
    if (this.isAtEnd && this.layout !== this.currentLayout) return this.stay();
    this.isAtEnd = this.end === this.messages.length && this.distanceToEnd < END_MARGIN;
    this.layout = this.currentLayout;
    this.onScroll();
    this.followUser();
  }

  /** Moves the window to the user's position, and calls `onEdge()` at the first loaded message. */
  followUser() {
    const margin = this.scroller.clientHeight * 1.5;
    if (this.scroller.scrollTop < margin && this.first > 0) {
      this.first = Math.max(0, this.first - STEP);
      if (!this.isAtEnd) this.end = Math.min(this.end, this.first + WINDOW);
      this.draw();
      return;
    }
    // Both edges of the window are near if most of its messages were deleted.
    if (this.distanceToEnd < margin && this.end < this.messages.length) {
      this.end = Math.min(this.messages.length, this.end + STEP);
      this.first = Math.max(this.first, this.end - WINDOW);
      this.draw();
    }
    if (this.scroller.scrollTop < margin && this.first === 0) this.onEdge();
  }

  // Drawing

  draw() {
    if (this.isAtEnd) {
      if (this.messages.length > REMEMBERED) {
        this.first -= this.messages.splice(0, this.messages.length - REMEMBERED / 2).length;
        this.onForget();
      }
      this.end = this.messages.length;
      this.first = Math.max(0, this.first, this.end - WINDOW);
    } else if (this.end - this.first > WINDOW + STEP) {
      // New messages are drawn when the user scrolls to them.
      this.end = this.first + WINDOW + STEP;
    }
    this.keepPlace(() => arrange(this.list, this.wanted()));
  }

  /** Draws all messages again, because they may have become the user's own ones. */
  redraw() {
    this.elements.clear();
    this.draw();
  }

  /**
   * The elements of the window, in order: messages, with a day's heading before its first message. A message that
   * follows one of the same author does not show the author again.
   */
  wanted() {
    const wanted = [];
    const elements = new Map();
    const days = new Map();
    let current;
    let before = this.messages[this.first - 1];
    for (const message of this.messages.slice(this.first, this.end)) {
      const day = message.time ? dayOf(message.time) : current;
      if (day !== undefined && day !== current && !days.has(day)) {
        days.set(day, this.days.get(day) || this.dayElement(day));
        wanted.push(days.get(day));
        before = undefined;
      }
      current = day;
      const element = this.elements.get(message.id) || this.messageElement(message);
      element.classList.toggle("follows", continues(before, message));
      elements.set(message.id, element);
      wanted.push(element);
      before = message;
    }
    this.elements = elements;
    this.days = days;
    return wanted;
  }

  messageElement(message) {
    const element = bubble(message, message.isOwn);
    element.dataset.id = message.id;
    if (message.time) element.querySelector(".note").append(timeElement(message.time));
    return element;
  }

  dayElement(day) {
    const element = document.createElement("li");
    element.className = "day";
    element.lang = LANGUAGE;
    element.textContent = dayLabel(day);
    return element;
  }

  /** Updates the headings at midnight: "today" becomes "yesterday". */
  refresh() {
    for (const [day, element] of this.days) {
      if (element.textContent !== dayLabel(day)) element.textContent = dayLabel(day);
    }
  }
}
