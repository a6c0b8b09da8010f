"use strict";
// The client under test, made of its sources, in a world where the test decides what time it is and what the network does.

const fs = require("node:fs");
const path = require("node:path");

const SOURCES = path.join(__dirname, "../../Sources/chatd/Assets/socket.io");
const FILES = ["emitter", "packets", "transports", "engine", "socket", "manager", "io"];
const EXPORTS = ["io", "Manager", "Socket", "Emitter", "PacketDecoder", "encodePacket", "parseURL"];

const source = FILES.map((name) => fs.readFileSync(path.join(SOURCES, `${name}.js`), "utf8")).join("\n");

/** The client's parts, with these globals in place of the real ones. */
function load(globals = {}) {
  const make = new Function(...Object.keys(globals), `"use strict";\n${source}\nreturn { ${EXPORTS.join(", ")} };`);
  return make(...Object.values(globals));
}

module.exports = { load };
