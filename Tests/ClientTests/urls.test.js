"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { load } = require("./client.js");

const PAGE = { protocol: "https:", host: "page.example:8443" };

const URLS = [
  [undefined, "https://page.example:8443", "/"],
  ["/", "https://page.example:8443", "/"],
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
