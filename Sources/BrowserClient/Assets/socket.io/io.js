// The entry: io(), and the managers shared by its calls.

const protocol = 5;

/** Managers by server and path. */
const managers = new Map();

/**
 * Parses a URL. Parts that are missing are taken from the page's URL. Allowed are, for example, `/namespace`, `?query`,
 * `:port`, `//host` and `host:port`.
 */
function parseURL(url) {
  const page = typeof location === "object" ? location : { protocol: "http:", hostname: "localhost" };
  url = url ?? "";
  if (url.startsWith("//")) url = page.protocol + url;
  else if (!/^(https?|wss?):\/\//.test(url)) url = `${page.protocol}//${url}`;
  const parts = /^(\w+):\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d+))?([^?#]*)(?:\?([^#]*))?/.exec(url);
  if (!parts) throw new Error(`"${url}" is not a URL`);
  const [, scheme, host, port, namespace, query] = parts;
  const secure = scheme === "https" || scheme === "wss";
  return {
    scheme,
    secure,
    host: host || page.hostname,
    port: port || (!host && page.port) || (secure ? "443" : "80"),
    namespace: namespace || "/",
    query,
  };
}

/** The default path on a server: the folder of this script if that server sent it, else `/socket.io/`. */
function defaultPath({ host, port }) {
  const script = typeof scriptURL === "string" ? parseURL(scriptURL) : {};
  const isFromThere = script.host === host && script.port === port;
  return (isFromThere && /^.*\/socket\.io(?=\/[^/]*$)/.exec(script.namespace)?.[0]) || "/socket.io";
}

/** The socket of the URL's namespace. One connection serves all namespaces of a server by default. */
function io(uri, opts) {
  if (typeof uri === "object" && uri) [uri, opts] = [undefined, uri];
  opts = opts || {};
  const url = parseURL(uri);
  const key = `${url.scheme}://${url.host}:${url.port}${opts.path || defaultPath(url)}`;
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
