"use strict";
// The client under test, with a clock and a network that the test controls. It is built from its sources, or, if the
// environment variable CLIENT_SCRIPT names a file, from that served script.

const fs = require("node:fs");
const path = require("node:path");

const SOURCES = path.join(__dirname, "../../../Sources/BrowserClient/Assets/socket.io");
const FILES = ["emitter", "packets", "transports", "engine", "socket", "manager", "io"];
const PARTS = ["io", "Manager", "Socket", "Emitter", "PacketDecoder", "encodePacket", "parseURL"];

function script() {
  if (process.env.CLIENT_SCRIPT) return fs.readFileSync(process.env.CLIENT_SCRIPT, "utf8");
  const source = FILES.map((name) => fs.readFileSync(path.join(SOURCES, `${name}.js`), "utf8")).join("\n");
  return `${source}\nmodule.exports = Object.assign(io, { ${PARTS.join(", ")} });`;
}

const source = script();

/** The exports of the client, and its parts if it is built from its sources. `globals` replace the real ones. */
function load(globals = {}) {
  const module = { exports: {} };
  new Function("module", ...Object.keys(globals), `"use strict";\n${source}`)(module, ...Object.values(globals));
  return module.exports;
}

module.exports = { load };
