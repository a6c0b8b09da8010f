import Transport

/// Converts the server's packets from the default format to that of the application's parser. Each worker has one, on
/// its loop.
///
/// It converts where packets leave the worker: the hub, its log and the other workers keep the default format. Sockets
/// that share frames also share their conversion, which is kept until the end of the turn.
actor ParserOutput {
    private let loop: EventLoop
    private let parser: any PacketParser
    private let failed: @Sendable (any Error) -> Void
    /// The last two conversions of this turn, the last used one first. Two, because a socket that needs an individual
    /// offset gets its own frames between those that the other sockets share.
    private(set) var recent: [(source: Frames, converted: Frames)] = []
    private var isTurnEndRequested = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - parser: The application's parser.
    ///   - loop: The worker's loop.
    ///   - failed: Called with the error of a packet that the parser cannot encode. The packet is dropped.
    /// - Returns: nil for the default parser.
    init?(_ parser: any PacketParser, loop: EventLoop, failed: @escaping @Sendable (any Error) -> Void) {
        guard !(parser is JSONPacketParser) else { return nil }
        self.parser = parser
        self.loop = loop
        self.failed = failed
    }

    /// The frames with the same packets in the parser's format.
    func convert(_ source: Frames) -> Frames {
        if let index = recent.firstIndex(where: { $0.source === source }) {
            recent.swapAt(0, index)
            return recent[0].converted
        }
        let converted = encode(source)
        // The parser or the hook for its errors may have added conversions, although it should not.
        while recent.count >= 2 { recent.removeLast() }
        recent.insert((source, converted), at: 0)
        if !isTurnEndRequested {
            isTurnEndRequested = true
            loop.atEndOfTurn(.beforeWrites, self)
        }
        return converted
    }

    private func dropConversions() {
        isTurnEndRequested = false
        recent = []
    }

    private func encode(_ source: Frames) -> Frames {
        var builder = FramesBuilder()
        var index = 0
        while index < source.count {
            do {
                for message in try parser.encode(Self.packet(in: source, at: &index)) { builder.append(message) }
            } catch {
                failed(error)
                // The attachments of a packet with an invalid header.
                while index < source.count, source.message(index).isBinary { index += 1 }
            }
        }
        return builder.finish()
    }

    /// The packet that begins with frame number `index`. Advances `index` past its attachments.
    private static func packet(in frames: Frames, at index: inout Int) throws(PacketError) -> Packet {
        let (content, isBinary) = frames.message(index)
        index += 1
        guard !isBinary else { throw .unexpectedAttachment }
        let text = Array(content)
        let header = try PacketHeader(text, from: 1, maxAttachments: frames.count - index)
        let attachments = (index..<index + header.attachmentCount).map { Array(frames.message($0).content) }
        index += header.attachmentCount
        let payload = header.payloadStart..<text.count
        return try Packet(
            header.type, payload: payload.isEmpty ? .none : JSONText(validated: text, in: payload),
            attachments: attachments, acknowledgementID: header.acknowledgementID, namespace: header.namespace)
    }
}

extension ParserOutput: TurnHandler {
    nonisolated func turnEnded() {
        assumeIsolated { $0.dropConversions() }
    }
}

extension Worker {
    /// The frames in the format of the server's parser. With the default parser they are the same ones.
    nonisolated func converted(_ frames: Frames) -> Frames {
        guard let parserOutput else { return frames }
        return parserOutput.assumeIsolated { $0.convert(frames) }
    }
}
