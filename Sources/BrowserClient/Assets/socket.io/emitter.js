// Named events and their listeners: the base of sockets, managers, engines and transports.

class Emitter {
  constructor() {
    this._listeners = new Map();
  }

  on(name, listener) {
    this._listeners.set(name, [...this.listeners(name), listener]);
    return this;
  }

  once(name, listener) {
    const once = (...args) => {
      this.off(name, once);
      listener.apply(this, args);
    };
    once._original = listener;
    return this.on(name, once);
  }

  /** Removes one listener, all listeners of an event, or all listeners. */
  off(name, listener) {
    if (name === undefined) {
      this._listeners.clear();
    } else if (listener === undefined) {
      this._listeners.delete(name);
    } else {
      this._listeners.set(name, without(this.listeners(name), listener));
    }
    return this;
  }

  emit(name, ...args) {
    // The arrays are never changed in place, so listeners may add and remove listeners.
    for (const listener of this.listeners(name)) listener.apply(this, args);
    return this;
  }

  listeners(name) {
    return this._listeners.get(name) || [];
  }

  hasListeners(name) {
    return this.listeners(name).length > 0;
  }
}

Emitter.prototype.addEventListener = Emitter.prototype.on;
for (const alias of ["removeListener", "removeAllListeners", "removeEventListener"]) {
  Emitter.prototype[alias] = Emitter.prototype.off;
}

/** A list without the first occurrence of a listener; an empty list if none is given. */
function without(listeners, listener) {
  if (!listener) return [];
  const index = listeners.findIndex((each) => each === listener || each._original === listener);
  return listeners.filter((_, position) => position !== index);
}

/** Adds a listener. Returns a function that removes it. */
function subscribe(emitter, name, listener) {
  emitter.on(name, listener);
  return () => emitter.off(name, listener);
}
