import cluster from "node:cluster";
import { availableParallelism } from "node:os";
import { createAdapter, setupPrimary } from "@socket.io/cluster-adapter";
import { Server } from "socket.io";
import { open } from "sqlite";
import sqlite3 from "sqlite3";

if (cluster.isPrimary) {
  setupPrimary();
  const first = Number(process.argv[2] ?? 3000);
  const start = (port) => cluster.fork({ PORT: port }).on("exit", () => start(port));
  for (let i = 0; i < availableParallelism(); i++) start(first + i);
} else {
  const db = await open({ filename: "messages.db", driver: sqlite3.Database });
  await db.exec(`
    CREATE TABLE IF NOT EXISTS messages (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      client_offset TEXT UNIQUE,
      content TEXT
    );
  `);
  const io = new Server(Number(process.env.PORT), { connectionStateRecovery: {}, adapter: createAdapter() });
  io.on("connection", async (socket) => {
    socket.on("chat message", async (text, acknowledge) => {
      let result;
      try {
        result = await db.run("INSERT INTO messages (content) VALUES (?)", text);
      } catch {
        return;
      }
      io.emit("chat message", text, result.lastID);
      acknowledge?.();
    });
    if (!socket.recovered) {
      await db.each(
        "SELECT id, content FROM messages WHERE id > ?",
        [socket.handshake.auth.serverOffset || 0],
        (_error, row) => socket.emit("chat message", row.content, row.id),
      );
    }
  });
}
