// The entry: io(), and the managers that its calls share.

const protocol = 5;

/** Managers by server and path. */
const managers = new Map();

/** What a URL says, one of the page's own server if it names none: `/namespace`, `//host/namespace`, `host:port`. */
function parseURL(url) {
  const page = typeof location === "object" ? location : { protocol: "http:", host: "localhost" };
  if (url == null) url = "/";
  if (url.startsWith("//")) url = page.protocol + url;
  else if (url.startsWith("/")) url = `${page.protocol}//${page.host}${url}`;
  else if (!/^(https?|wss?):\/\//.test(url)) url = `${page.protocol}//${url}`;
  const parts = /^(\w+):\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d+))?([^?#]*)(?:\?([^#]*))?/.exec(url);
  if (!parts) throw new Error(`"${url}" is no URL`);
  const [, scheme, host, port, namespace, query] = parts;
  const secure = scheme === "https" || scheme === "wss";
  return { scheme, secure, host, port: port || (secure ? "443" : "80"), namespace: namespace || "/", query };
}

/** The socket of the URL's namespace. One connection serves all namespaces of a server, unless told otherwise. */
function io(uri, opts) {
  if (typeof uri === "object" && uri) [uri, opts] = [undefined, uri];
  opts = opts || {};
  const url = parseURL(uri);
  const key = `${url.scheme}://${url.host}:${url.port}${opts.path || "/socket.io"}`;
  let manager = managers.get(key);
  if (opts.forceNew || opts.multiplex === false || (manager && url.namespace in manager.nsps)) {
    manager = new Manager(uri, opts);
  } else if (!manager) {
    manager = new Manager(uri, opts);
    managers.set(key, manager);
  }
  return manager.socket(url.namespace, opts);
}

Object.assign(io, { io, connect: io, Manager, Socket, protocol });
