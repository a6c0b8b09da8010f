"use strict";
// The client under test, in a world where the test decides what time it is and what the network does: made of its sources, or,
// if the environment's CLIENT_SCRIPT names a file, of that script as a server serves it.

const fs = require("node:fs");
const path = require("node:path");

const SOURCES = path.join(__dirname, "../../Sources/chatd/Assets/socket.io");
const FILES = ["emitter", "packets", "transports", "engine", "socket", "manager", "io"];
const PARTS = ["io", "Manager", "Socket", "Emitter", "PacketDecoder", "encodePacket", "parseURL"];

function script() {
  if (process.env.CLIENT_SCRIPT) return fs.readFileSync(process.env.CLIENT_SCRIPT, "utf8");
  const source = FILES.map((name) => fs.readFileSync(path.join(SOURCES, `${name}.js`), "utf8")).join("\n");
  return `${source}\nmodule.exports = Object.assign(io, { ${PARTS.join(", ")} });`;
}

const source = script();

/** What the client gives to pages, and its parts if it is made of the sources, with these globals in place of the real ones. */
function load(globals = {}) {
  const module = { exports: {} };
  new Function("module", ...Object.keys(globals), `"use strict";\n${source}`)(module, ...Object.values(globals));
  return module.exports;
}

module.exports = { load };
