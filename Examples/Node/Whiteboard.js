import { Server } from "socket.io";

const io = new Server(Number(process.argv[2] ?? 3000));
io.on("connection", (socket) => {
  socket.on("drawing", (line) => {
    socket.broadcast.emit("drawing", line);
  });
  socket.on("cursor", (x, y) => {
    socket.volatile.broadcast.emit("cursor", socket.id, x, y);
  });
  socket.on("disconnect", () => {
    socket.broadcast.emit("cursor gone", socket.id);
  });
});
