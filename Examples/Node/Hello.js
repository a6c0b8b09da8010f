import { Server } from "socket.io";

const io = new Server(Number(process.argv[2] ?? 3000));
io.on("connection", (socket) => {
  socket.on("message", (text, acknowledge) => {
    socket.emit("message", text);
    acknowledge?.(text.length);
  });
});
