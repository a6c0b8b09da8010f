import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

// The servers meet at a Redis server.
const [port = "3000", url = "redis://localhost"] = process.argv.slice(2);
const publisher = createClient({ url });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);
const io = new Server(Number(port), { adapter: createAdapter(publisher, subscriber) });
io.on("connection", (socket) => {
  socket.on("join", (room, acknowledge) => {
    socket.join(room);
    acknowledge?.();
  });
  socket.on("message", (room, text, acknowledge) => {
    socket.to(room).emit("message", text);
    acknowledge?.();
  });
});
