import Actors
import Transport

extension HostMessage {
    /// Reads a message of another host.
    /// - Returns: nil for a message without a content of this version: a marker, or one of a later version.
    /// - Throws: ``FormatError`` if the message is malformed or exceeds a limit.
    static func read(_ message: MessageObject, in namespace: String) throws(FormatError) -> HostMessage? {
        guard message.optionalNumber(.version, in: 0...Int(Int32.max)) == version else { return nil }
        let type = try message.type()
        guard let kind = Kind(rawValue: type) else { throw .unknownType(type) }
        let content: Content
        switch kind {
        case .ask:
            var questions: [SessionQuestion] = []
            for object in try message.objects(.questions, limit: message.limits.questions) {
                questions.append(try SessionQuestion(object))
            }
            content = .ask(questions)
        case .cut: content = .cut(try names(in: message))
        case .give: content = .give(try QuestionName(message), try MovingSession(message, in: namespace))
        case .none:
            content = .none(
                try names(in: message), host: try message.identifier(.host), keeps: message.flag(.keeps))
        }
        return HostMessage(content, in: namespace)
    }

    private static func names(in message: MessageObject) throws(FormatError) -> [QuestionName] {
        var names: [QuestionName] = []
        for object in try message.objects(.questions, limit: message.limits.questions) {
            names.append(try QuestionName(object))
        }
        return names
    }
}

extension QuestionName {
    fileprivate init(_ object: MessageObject) throws(FormatError) {
        host = try object.identifier(.host)
        number = UInt64(try object.number(.number, in: 0...Int.max))
    }
}

extension SessionQuestion {
    fileprivate init(_ object: MessageObject) throws(FormatError) {
        self.init(
            name: try QuestionName(object), privateID: try object.sessionID(.pid),
            offset: object.has(.offset) ? try object.text(.offset, limit: Self.maxOffset) : nil,
            maxMissedBytes: try object.number(.limit, in: 0...Int.max))
    }
}

extension MovingSession {
    fileprivate init(_ object: MessageObject, in namespace: String) throws(FormatError) {
        var events: [PositionedEvent] = []
        for event in try object.objects(.events, limit: object.limits.events) {
            events.append(try PositionedEvent(event, in: namespace))
        }
        var stays: [InheritedEvents.Stay] = []
        for stay in try object.objects(.stays, limit: InheritedEvents.maxStays) {
            stays.append(try InheritedEvents.Stay(stay))
        }
        let data = object.has(.data) ? try object.text(.data, limit: object.limits.message) : nil
        self.init(
            id: try object.sessionID(.sid), privateID: try object.sessionID(.pid),
            ownerEpoch: UInt32(try object.number(.claims, in: 0...Int(UInt32.max))),
            group: object.has(.group) ? try object.text(.group, limit: object.limits.namespace) : nil,
            rooms: try object.rooms(.rooms), data: try data.map(Self.json),
            startRow: Int64(try object.number(.row, in: Int.min...Int.max)),
            inherited: InheritedEvents(
                epoch: object.has(.epoch) ? try object.identifier(.epoch) : nil,
                position: try object.position(.position),
                beginsWithSession: object.flag(.begins), events: events, stays: stays),
            keptAs: object.has(.kept) ? try object.digest(.kept) : nil)
    }

    private static func json(_ text: String) throws(FormatError) -> JSONText {
        do {
            return try JSONText(validating: Array(text.utf8))
        } catch {
            throw .invalidJSON(error)
        }
    }
}

extension MessageObject {
    fileprivate func digest(_ key: MessageKey) throws(FormatError) -> SessionDigest {
        guard let digest = SessionDigest(text: try text(key, limit: SessionDigest.length)) else { throw .invalid(key) }
        return digest
    }
}

extension InheritedEvents.Stay {
    fileprivate init(_ object: MessageObject) throws(FormatError) {
        self.init(
            epoch: try object.identifier(.epoch), position: try object.position(.position))
    }
}

extension PositionedEvent {
    fileprivate init(_ object: MessageObject, in namespace: String) throws(FormatError) {
        let value =
            object.has(.text)
            ? try MixedValue(
                json: Array(try object.text(.text, limit: object.limits.message).utf8), limits: object.limits)
            : object.value(.data)
        guard let arguments = value.arguments, let name = value.json[0]?.string else { throw .invalid(.data) }
        guard !ReservedEventNames.contains(name) else { throw .reservedEventName(name) }
        self.init(
            event: EncodedEvent(arguments, namespace: namespace),
            position: try object.position(.position),
            epoch: object.has(.epoch) ? try object.identifier(.epoch) : nil)
    }
}
