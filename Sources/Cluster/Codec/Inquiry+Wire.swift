import Actors

extension WireWriter {
    mutating func append(_ inquiry: Inquiry) {
        append(inquiry.number)
        append(inquiry.target)
        append(UInt64(inquiry.maxBytes))
    }

    mutating func append(_ target: Inquiry.Target) {
        switch target {
        case .clients(let broadcast):
            append(tag: WireTag.Target.clients)
            append(broadcast)
        case .servers(let event):
            append(tag: WireTag.Target.servers)
            append(event)
        }
    }

    mutating func append(_ event: ServerEvent) {
        append(event.namespace)
        append(event.name)
        append(event.arguments)
    }

    mutating func append(_ report: InquiryReport) {
        append(report.number)
        append(each: report.answers) { $0.append($1) }
        append(tag: WireTag.InquiryState(report.state))
    }

    private mutating func append(_ answer: InquiryAnswer) {
        switch answer {
        case .arguments(let arguments):
            append(tag: WireTag.InquiryAnswer.arguments)
            append(arguments)
        case .failure(let reason):
            append(tag: WireTag.InquiryAnswer.failure)
            append(reason)
        }
    }

    private mutating func append(_ arguments: EncodedArguments) {
        append(arguments.text)
        append(each: arguments.attachments) { $0.append($1) }
    }
}

extension WireReader {
    mutating func inquiry() throws(CodecError) -> Inquiry {
        Inquiry(number: try integer(), target: try inquiryTarget(), maxBytes: try size())
    }

    mutating func inquiryTarget() throws(CodecError) -> Inquiry.Target {
        switch try tag(WireTag.Target.self) {
        case .clients: .clients(try broadcast())
        case .servers: .servers(try serverEvent())
        }
    }

    mutating func serverEvent() throws(CodecError) -> ServerEvent {
        ServerEvent(namespace: try text(), name: try text(), arguments: try encodedArguments())
    }

    /// The smallest size of an answer, in bytes: its tag and the length 0 of its text.
    private static let minAnswerSize = 1 + lengthSize

    mutating func inquiryReport() throws(CodecError) -> InquiryReport {
        InquiryReport(
            number: try integer(),
            answers: try each(ofAtLeast: Self.minAnswerSize) { reader throws(CodecError) in
                try reader.inquiryAnswer()
            },
            state: try tag(WireTag.InquiryState.self).state)
    }

    private mutating func inquiryAnswer() throws(CodecError) -> InquiryAnswer {
        switch try tag(WireTag.InquiryAnswer.self) {
        case .arguments: .arguments(try encodedArguments())
        case .failure: .failure(try text())
        }
    }

    private mutating func encodedArguments() throws(CodecError) -> EncodedArguments {
        EncodedArguments(text: try array(), attachments: try each(ofAtLeast: Self.lengthSize, Self.bytes))
    }
}

extension WireTag.InquiryState {
    fileprivate init(_ state: InquiryReport.State) {
        self =
            switch state {
            case .open: .open
            case .complete: .complete
            case .incomplete: .incomplete
            case .tooLarge: .tooLarge
            case .dropped: .dropped
            }
    }

    fileprivate var state: InquiryReport.State {
        switch self {
        case .open: .open
        case .complete: .complete
        case .incomplete: .incomplete
        case .tooLarge: .tooLarge
        case .dropped: .dropped
        }
    }
}
