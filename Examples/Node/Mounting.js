import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer(async (request, response) => {
  if (request.url === "/users") {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify((await io.fetchSockets()).length));
  } else {
    response.end("Hello from the program\n");
  }
});
const io = new Server(http);
io.on("connection", (socket) => {
  socket.on("message", (text, acknowledge) => {
    socket.emit("message", text);
    acknowledge?.(text.length);
  });
});
http.listen(Number(process.argv[2] ?? 3000));
