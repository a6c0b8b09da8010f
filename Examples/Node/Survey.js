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
  const io = new Server(Number(process.env.PORT), { adapter: createAdapter() });
  io.on("client count", (acknowledge) => acknowledge(io.of("/").sockets.size));
  io.on("connection", (socket) => {
    socket.on("survey", async (question, seconds, acknowledge) => {
      try {
        const votes = await io.timeout(seconds * 1000).emitWithAck("vote", question);
        acknowledge?.({ votes, isComplete: true });
      } catch (error) {
        acknowledge?.({ votes: error.responses, isComplete: false });
      }
    });
    socket.on("client counts", async (acknowledge) => {
      const others = await io.serverSideEmitWithAck("client count");
      acknowledge?.([...others, io.of("/").sockets.size]);
    });
  });
}
