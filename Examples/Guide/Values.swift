import Cluster
import Foundation

// docs: begin
struct Photo: Codable, Sendable {
    var title: String
    var time: Date
    var position: [Double]?
    var pixels: Data
}
// docs: end

func handleValues(of server: SocketServer) {
    // docs: begin
    server.on("photo") { (socket, photo: Photo) in
        try socket.broadcast.emit("photo", photo)
        return photo.pixels.count
    }
    // docs: end
    // docs: begin
    server.on("settings") { (socket, settings: JSONText) in
        let volume = settings["sound"]["volume"]?.number ?? 1
        let names = settings["users"]?.elements?.compactMap(\.string) ?? []
        return ["users": JSONText(integer: names.count), "loud": JSONText(bool: volume > 5), "owner": "ann"] as JSONText
    }
    // docs: end
}

func makeServerWithOtherDates() -> SocketServer {
    // docs: begin
    let options = ServerOptions(coding: ValueCoding(dates: .millisecondsSince1970))
    let server = SocketServer(options)
    // docs: end
    return server
}
