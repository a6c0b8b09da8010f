"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { load } = require("./support/client.js");

const PAGE = { protocol: "https:", host: "page.example:8443", hostname: "page.example", port: "8443" };

const URLS = [
  [undefined, "https://page.example:8443", "/"],
  ["/", "https://page.example:8443", "/"],
  ["", "https://page.example:8443", "/"],
  ["?x=1", "https://page.example:8443", "/"],
  ["/?x=1", "https://page.example:8443", "/"],
  [":3001", "https://page.example:3001", "/"],
  [":3001/admin", "https://page.example:3001", "/admin"],
  ["https:///admin", "https://page.example:8443", "/admin"],
  ["/admin", "https://page.example:8443", "/admin"],
  ["//other.example/chat", "https://other.example:443", "/chat"],
  ["other.example:81", "https://other.example:81", "/"],
  ["http://other.example", "http://other.example:80", "/"],
  ["ws://other.example/a/b?c=d#e", "ws://other.example:80", "/a/b"],
  ["wss://user:word@other.example", "wss://other.example:443", "/"],
  ["http://[::1]:3000/x", "http://[::1]:3000", "/x"],
  ["http://other.example?a=b", "http://other.example:80", "/"],
];

for (const [uri, origin, namespace] of URLS) {
  test(`${uri} means the namespace ${namespace} of ${origin}`, () => {
    const url = load({ location: PAGE }).parseURL(uri);
    assert.equal(`${url.scheme}://${url.host}:${url.port}`, origin);
    assert.equal(url.namespace, namespace);
    assert.equal(url.secure, /^(https|wss):/.test(origin));
  });
}

test("a query is kept with any other part of the URL", () => {
  const { parseURL } = load({ location: PAGE });
  for (const uri of ["?x=1", "/?x=1", "/admin?x=1", ":3001?x=1", "other.example?x=1#y"]) {
    assert.equal(parseURL(uri).query, "x=1", uri);
  }
});

test("without a page, the server is localhost", () => {
  const { parseURL } = load({ location: undefined });
  assert.deepEqual(Object.values(parseURL("/admin")).slice(0, 5), ["http", false, "localhost", "80", "/admin"]);
});

const SCRIPTS = [
  // The script, the server, and the path of the requests.
  ["https://page.example:8443/socket.io/socket.io.js", undefined, "/socket.io"],
  ["https://page.example:8443/chat/socket.io/socket.io.min.js", undefined, "/chat/socket.io"],
  ["https://page.example:8443/chat/socket.io/socket.io.min.js?v=2", "/admin", "/chat/socket.io"],
  ["https://page.example:8443/a/b/socket.io/socket.io.esm.min.js", "", "/a/b/socket.io"],
  ["https://page.example:8443/scripts/socket.io.min.js", undefined, "/socket.io"],
  ["https://page.example:8443/my-socket.io/socket.io.min.js", undefined, "/socket.io"],
  ["https://page.example:8443/chat/socket.io/socket.io.min.js", "https://other.example", "/socket.io"],
  ["https://other.example/chat/socket.io/socket.io.min.js", "https://other.example", "/chat/socket.io"],
  ["https://other.example/chat/socket.io/socket.io.min.js", undefined, "/socket.io"],
  ["", undefined, "/socket.io"],
  [undefined, undefined, "/socket.io"],
];

for (const [scriptURL, uri, path] of SCRIPTS) {
  test(`a script from ${scriptURL} requests ${path} at ${uri}`, () => {
    const { io } = load({ location: PAGE, scriptURL });
    assert.equal(io(uri, { autoConnect: false }).io.opts.path, path);
    assert.equal(io(uri, { autoConnect: false, path: "/given" }).io.opts.path, "/given");
    assert.equal(new io.Manager(uri, { autoConnect: false }).opts.path, path);
  });
}
