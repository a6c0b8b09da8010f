import Actors
import Transport

@testable import Cluster

extension HubRequest {
    static func inquire(
        _ number: UInt64, _ text: String, in namespace: String = "/", to rooms: [String] = [], limit: Int = .max,
        by sender: Character? = nil
    ) throws -> HubRequest {
        let target = Inquiry.Target.clients(.event(text, in: namespace, to: rooms))
        return .inquire(
            Inquiry(number: number, target: target, maxBytes: limit), sender: try sender.map { try SessionKey($0) })
    }

    static func inquireServers(_ number: UInt64, _ name: String, limit: Int = .max) -> HubRequest {
        .inquire(Inquiry(number: number, target: .servers(.event(name)), maxBytes: limit), sender: nil)
    }

    static func answer(_ number: UInt64, _ texts: [String], _ state: InquiryReport.State) -> HubRequest {
        let answers = texts.map { InquiryAnswer.arguments(EncodedArguments(text: Array($0.utf8))) }
        return .answer(InquiryReport(number: number, answers: answers, state: state))
    }
}

extension ServerEvent {
    static func event(_ name: String) -> ServerEvent {
        ServerEvent(namespace: "/", name: name, arguments: EncodedArguments(text: []))
    }
}
