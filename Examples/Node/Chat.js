import cluster from "node:cluster";
import { availableParallelism } from "node:os";
import { createAdapter, setupPrimary } from "@socket.io/cluster-adapter";
import { Server } from "socket.io";

if (cluster.isPrimary) {
  setupPrimary();
  const first = Number(process.argv[2] ?? 3000);
  const start = (port) => cluster.fork({ PORT: port }).on("exit", () => start(port));
  for (let i = 0; i < availableParallelism(); i++) start(first + i);
} else {
  const io = new Server(Number(process.env.PORT), { connectionStateRecovery: {}, adapter: createAdapter() });
  const chat = io.of("/chat");
  chat.use((socket, next) => {
    if (typeof socket.handshake.auth.name !== "string") return next(new Error("invalid auth"));
    socket.data = { name: socket.handshake.auth.name };
    next();
  });
  chat.on("connection", (socket) => {
    socket.on("join", (room, acknowledge) => {
      if (!["red", "green", "blue"].includes(room)) return acknowledge?.({ error: "no such room" });
      socket.join(room);
      socket.to(room).emit("joined", socket.data);
      acknowledge?.([...socket.rooms].filter((name) => name !== socket.id).sort());
    });
    socket.on("post", (post, note, acknowledge) => {
      if (typeof post?.room !== "string" || typeof post.text !== "string") {
        return acknowledge?.({ error: "not a post" });
      }
      if (!socket.rooms.has(post.room)) return acknowledge?.({ error: "join the room first" });
      chat.to(post.room).emit("post", { from: socket.data.name, text: post.text }, note);
      acknowledge?.();
    });
    socket.on("who", async (room, acknowledge) => {
      try {
        const sockets = await chat.in(room).fetchSockets();
        acknowledge?.(sockets.map((member) => member.data.name).sort());
      } catch {
        acknowledge?.({ error: "internal server error" });
      }
    });
    socket.on("poll me", async (acknowledge) => {
      try {
        const answer = await socket.timeout(2000).emitWithAck("are you there", "?");
        acknowledge?.(`you said ${answer}`);
      } catch {
        acknowledge?.({ error: "internal server error" });
      }
    });
  });
}
