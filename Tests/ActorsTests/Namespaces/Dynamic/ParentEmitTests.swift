import Testing

@testable import Actors

@Suite("Dynamic namespaces: on every worker", .overEachLink)
struct ParentEmitTests {
    private static func setUp(_ server: TestServer) {
        let parent = server.server.of(matching: /\/c-./)
        _ = server.main
        parent.on("join") { (socket, room: String) in socket.join(room) }
        parent.on("tell all") { (_, text: String) in try parent.emit("told", text) }
        parent.on("tell room") { (_, room: String, text: String) in try parent.to(room).emit("told", text) }
        parent.on("tell others") { (_, room: String) in
            try parent.except(room).volatile.emit("told", [1, 2] as [UInt8])
        }
        parent.on("who") { socket in
            try await socket.namespace.fetchSockets().count
        }
    }

    @Test(
        "an event of the parent reaches all clients of all children, also where the sender's worker has no such child")
    func everyone() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            var clients: [TestClient] = []
            for (index, server) in cluster.servers.enumerated() {
                let client = try await server.connect()
                try await client.join("/c-\(index)")
                clients.append(client)
            }
            let outside = try await cluster.servers[0].join()
            clients[1].send(#"2/c-1,1["join","r"]"#)
            #expect(try await clients[1].next() == "43/c-1,1[]")
            clients[0].send(#"2/c-0,["tell all","a, b"]"#)
            for (index, client) in clients.enumerated() {
                #expect(try await client.next() == #"42/c-\#(index),["told","a, b"]"#)
            }
            clients[0].send(#"2/c-0,["tell room","r","x"]"#)
            clients[0].send(#"2/c-0,["tell others","r"]"#)
            #expect(try await clients[1].next() == #"42/c-1,["told","x"]"#)
            for index in [0, 2] {
                let event = #"451-/c-\#(index),["told",{"_placeholder":true,"num":0}]"#
                #expect(try await clients[index].next(2) == [event, "binary [1, 2]"])
            }
            cluster.servers[0].main.emit("end")
            #expect(try await outside.next() == #"42["end"]"#)
        }
    }

    @Test("children of one name on several workers are one namespace")
    func oneNamespace() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            var clients: [TestClient] = []
            for server in cluster.servers {
                let client = try await server.connect()
                try await client.join("/c-x")
                clients.append(client)
            }
            clients[2].send(#"2/c-x,1["who"]"#)
            #expect(try await clients[2].next() == "43/c-x,1[3]")
            cluster.servers[1].server.of("/c-x").emit("hello")
            for client in clients { #expect(try await client.next() == #"42/c-x,["hello"]"#) }
        }
    }
}
