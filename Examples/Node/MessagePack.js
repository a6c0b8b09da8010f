import { Server } from "socket.io";
import parser from "socket.io-msgpack-parser";

const io = new Server(Number(process.argv[2] ?? 3000), { parser });
io.on("connection", (socket) => {
  socket.on("sum", (numbers, acknowledge) => {
    acknowledge?.(numbers.reduce((sum, number) => sum + number, 0));
  });
  socket.on("reverse", (bytes, acknowledge) => {
    const reversed = Buffer.from(bytes).reverse();
    socket.broadcast.emit("reversed", reversed);
    acknowledge?.(reversed);
  });
});
