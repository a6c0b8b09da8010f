extension Page {
    /// A plain chat that speaks the protocol by itself, without a client library.
    static let html = #"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>chatd</title>
        <style>
          :root { color-scheme: light dark; font-family: system-ui, sans-serif; }
          body { margin: 0; display: flex; flex-direction: column; height: 100vh; height: 100dvh; }
          #state { margin: 0; padding: .5rem 1rem; font-size: .875rem; }
          #messages { flex: 1; overflow-y: auto; margin: 0; padding: 0; list-style: none; }
          #messages li { padding: .5rem 1rem; overflow-wrap: anywhere; white-space: pre-wrap; }
          #messages li:nth-child(odd) { background: rgb(127 127 127 / .12); }
          form { display: flex; gap: .5rem; padding: .5rem 1rem; }
          input { flex: 1; min-width: 0; padding: .5rem; font: inherit; }
          button { padding: .5rem 1rem; font: inherit; }
        </style>
        </head>
        <body>
        <p id="state" role="status">connecting</p>
        <ul id="messages" aria-live="polite" aria-label="Messages"></ul>
        <form id="form">
          <input id="input" autocomplete="off" aria-label="Message" placeholder="Message">
          <button>Send</button>
        </form>
        <script>
          "use strict";
          const state = document.getElementById("state");
          const messages = document.getElementById("messages");
          const form = document.getElementById("form");
          const input = document.getElementById("input");
          const unsent = [];
          let last = 0, ack = 0, socket, joined = false;

          function show(text) {
            const atEnd = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 40;
            const item = document.createElement("li");
            item.textContent = text;
            messages.append(item);
            if (atEnd) messages.scrollTop = messages.scrollHeight;
          }

          function transmit(message) {
            message.ack = ack++;
            socket.send("42" + message.ack + JSON.stringify(["chat message", message.text, message.offset]));
          }

          function received(packet) {
            if (packet === "2") return socket.send("3");
            if (packet[0] === "0") return socket.send("40" + JSON.stringify({ serverOffset: last }));
            if (packet.startsWith("40")) {
              joined = true;
              state.textContent = "connected";
              return unsent.forEach(transmit);
            }
            if (packet.startsWith("42")) {
              const [name, text, id] = JSON.parse(packet.slice(2));
              if (name === "chat message") { show(text); last = id; }
            } else if (packet.startsWith("43")) {
              const id = parseInt(packet.slice(2), 10);
              const index = unsent.findIndex((message) => message.ack === id);
              if (index >= 0) unsent.splice(index, 1);
            }
          }

          function connect() {
            joined = false;
            const scheme = location.protocol === "https:" ? "wss://" : "ws://";
            socket = new WebSocket(scheme + location.host + "/socket.io/?EIO=4&transport=websocket");
            socket.onmessage = (event) => received(event.data);
            socket.onclose = () => {
              joined = false;
              state.textContent = "disconnected, trying again";
              setTimeout(connect, 500 + 1000 * Math.random());
            };
          }

          form.addEventListener("submit", (event) => {
            event.preventDefault();
            if (!input.value) return;
            const offset = Date.now().toString(36) + "-" + Math.random().toString(36).slice(2);
            const message = { text: input.value, offset };
            input.value = "";
            unsent.push(message);
            if (joined) transmit(message);
          });

          connect();
        </script>
        </body>
        </html>
        """#
}
