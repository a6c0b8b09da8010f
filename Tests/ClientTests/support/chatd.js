"use strict";
// A chatd for one test, on a free port, with an empty database in a temporary directory.

const { spawn } = require("node:child_process");
const { once } = require("node:events");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const readline = require("node:readline");

/** The path in the environment variable CHATD, else the release build, else the debug build. */
function binary() {
  const builds = ["release", "debug"].map((kind) => path.join(__dirname, "../../../.build", kind, "chatd"));
  const found = process.env.CHATD || builds.find((file) => fs.existsSync(file));
  if (!found) throw new Error(`no chatd at ${builds.join(" or ")}: build it (swift build) or set CHATD to its path`);
  return found;
}

class Chatd {
  static async start(test, ...options) {
    const chatd = new Chatd();
    chatd.options = options;
    chatd.directory = fs.mkdtempSync(path.join(os.tmpdir(), "chatd-client-"));
    test.after(async () => {
      await chatd.kill();
      fs.rmSync(chatd.directory, { recursive: true });
    });
    await chatd.run(0);
    return chatd;
  }

  async run(port = this.port) {
    const options = ["serve", "--port", String(port), "--db", path.join(this.directory, "chat.db"), ...this.options];
    this.process = spawn(binary(), options, { stdio: ["ignore", "pipe", "ignore"] });
    for await (const line of readline.createInterface({ input: this.process.stdout })) {
      this.port = Number(line.match(/^server running at http:\/\/localhost:(\d+)$/)[1]);
      return;
    }
    throw new Error("chatd ended before it served");
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Kills the process. */
  async kill() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill("SIGKILL");
    await once(this.process, "exit");
  }
}

module.exports = { Chatd };
