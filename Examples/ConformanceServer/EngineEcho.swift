import Transport

/// Echoes every message, text as text and binary as binary.
final class EngineEcho: EngineSessionHandler {
    private let session: EngineSession

    init(_ session: EngineSession) {
        self.session = session
    }

    func sessionReceived(_ messages: [ClientMessage]) {
        for message in messages {
            switch message {
            case .text(let text): session.send(Frames(utf8: text))
            case .binary(let bytes): session.send(Frames(binary: bytes))
            }
        }
    }

    func sessionEnded(_ reason: EngineCloseReason) {}

    func sessionDrained() {}
}
