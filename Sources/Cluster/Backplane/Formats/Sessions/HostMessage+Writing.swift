import Actors

extension HostMessage {
    /// The version of the format. A message of another version is ignored.
    static let version = 1

    /// The types of messages.
    enum Kind: Int {
        case ask = 1
        case cut
        case give
        case none
    }

    /// The payload.
    /// - Parameter stamp: The place among the messages of the host.
    func encoded(_ stamp: EventStamp) -> [UInt8] {
        let tree = MessageTree.object(
            [(.chatd, stamp.tree), (.version, .number(Self.version)), (.type, .number(kind.rawValue))] + members)
        return tree.hasAttachments ? tree.messagePack : tree.json
    }

    private var kind: Kind {
        switch content {
        case .ask: .ask
        case .cut: .cut
        case .give: .give
        case .none: .none
        }
    }

    private var members: [(MessageKey, MessageTree?)] {
        switch content {
        case .ask(let questions): [(.questions, .list(questions.map(\.tree)))]
        case .cut(let names): [(.questions, .list(names.map(\.tree)))]
        case .give(let name, let session): name.members + session.members
        case .none(let names, let host, let keeps):
            [(.host, .text(host)), (.questions, .list(names.map(\.tree))), (.keeps, keeps ? .flag(true) : nil)]
        }
    }
}

extension QuestionName: MessageTreeConvertible {
    fileprivate var members: [(MessageKey, MessageTree?)] {
        [(.host, .text(host)), (.number, .number(Int(clamping: number)))]
    }

    var tree: MessageTree { .object(members) }
}

extension SessionQuestion: MessageTreeConvertible {
    var tree: MessageTree {
        .object(
            name.members + [
                (.pid, .text(privateID.description)), (.offset, offset.map { .text($0) }),
                (.limit, .number(maxMissedBytes)),
            ])
    }
}

extension MovingSession {
    fileprivate var members: [(MessageKey, MessageTree?)] {
        [
            (.sid, .text(id.description)), (.pid, .text(privateID.description)),
            (.claims, .number(Int(ownerEpoch))), (.group, group.map { .text($0) }), (.rooms, .texts(rooms)),
            (.data, data.map { .text($0.description) }), (.row, .number(Int(startRow))),
            (.epoch, inherited.epoch.map { .text($0) }), (.position, .position(inherited.position)),
            (.begins, .flag(inherited.beginsWithSession)), (.events, .list(inherited.events.map(\.tree))),
            (.stays, .list(inherited.stays.map(\.tree))), (.kept, keptAs.map { .text($0.text) }),
        ]
    }
}

extension InheritedEvents.Stay: MessageTreeConvertible {
    var tree: MessageTree {
        .object([(.epoch, .text(epoch)), (.position, .position(position))])
    }
}

extension PositionedEvent: MessageTreeConvertible {
    /// An event without binary data is a text, so that an object in it that looks like a placeholder remains one, and
    /// its depth does not add to that of the message.
    var tree: MessageTree {
        let value = event.arguments.map { MixedValue($0) }
        let isText = value?.attachments.isEmpty ?? true
        return .object([
            (.epoch, epoch.map { .text($0) }), (.position, .position(position)),
            (.text, isText ? value.map { .text($0.json.description) } : nil),
            (.data, isText ? nil : value.map { .value($0) }),
        ])
    }
}
