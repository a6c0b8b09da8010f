import { Server } from "socket.io";

const items = new Map();
let lastID = 0;

const io = new Server(Number(process.argv[2] ?? 3000));
io.on("connection", (socket) => {
  socket.on("item:create", (item, acknowledge) => {
    lastID += 1;
    items.set(lastID, item);
    socket.broadcast.emit("item:created", lastID, item);
    acknowledge?.(lastID);
  });
  socket.on("item:update", (id, item, acknowledge) => {
    if (!items.has(id)) return acknowledge?.({ error: "no such item" });
    items.set(id, item);
    socket.broadcast.emit("item:updated", id, item);
    acknowledge?.();
  });
  socket.on("item:delete", (id, acknowledge) => {
    if (!items.delete(id)) return acknowledge?.({ error: "no such item" });
    socket.broadcast.emit("item:deleted", id);
    acknowledge?.();
  });
  socket.on("item:list", (acknowledge) => {
    acknowledge?.([...items.values()]);
  });
});
