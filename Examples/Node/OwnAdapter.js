import { Server } from "socket.io";
import { Adapter } from "socket.io-adapter";

// An adapter that connects the servers of one process.
const adapters = new Set();

class Switchboard extends Adapter {
  constructor(namespace) {
    super(namespace);
    adapters.add(this);
  }
  close() {
    adapters.delete(this);
  }
  broadcast(packet, options) {
    this.onEach((adapter) => super.broadcast.call(adapter, packet, options));
  }
  addSockets(options, rooms) {
    this.onEach((adapter) => super.addSockets.call(adapter, options, rooms));
  }
  delSockets(options, rooms) {
    this.onEach((adapter) => super.delSockets.call(adapter, options, rooms));
  }
  disconnectSockets(options, close) {
    this.onEach((adapter) => super.disconnectSockets.call(adapter, options, close));
  }
  onEach(action) {
    for (const adapter of adapters) if (adapter.nsp.name === this.nsp.name) action(adapter);
  }
}

const first = Number(process.argv[2] ?? 3000);
for (const port of [first, first + 1]) {
  const io = new Server(port, { adapter: Switchboard });
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
}
