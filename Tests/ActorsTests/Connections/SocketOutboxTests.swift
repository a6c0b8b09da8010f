import Testing

@testable import Actors

@Suite("Socket outbox: what a socket does in sequence is carried out in sequence")
struct SocketOutboxTests {
    /// A rule, and a script of steps with what each carries out.
    struct Rule: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let script: [(step: String, carriedOut: [String])]

        init(_ rule: String, _ script: [(step: String, carriedOut: [String])]) {
            testDescription = rule
            self.script = script
        }
    }

    static let outputRules = [
        Rule("an output behind nothing goes at once", [("w1", ["w1"]), ("w2", ["w2"])]),
        Rule("an output waits for the request before it", [("o1", ["o1"]), ("w1", []), ("o<", ["w1"])]),
        Rule(
            "an output waits for every request before it",
            [("o1", ["o1"]), ("o2", ["o2"]), ("w1", []), ("o<", []), ("o<", ["w1"])]),
        Rule("an output waits for the message before it", [("m1", ["m1"]), ("w1", []), ("m<", ["w1"])]),
        Rule(
            "an output waits for requests and messages alike, whichever comes back first",
            [("o1", ["o1"]), ("m1", ["m1"]), ("w1", []), ("m<", []), ("o<", ["w1"])]),
        Rule(
            "an output behind a waiting output waits too",
            [("o1", ["o1"]), ("w1", []), ("w2", []), ("o<", ["w1", "w2"])]),
    ]

    static let requestRules = [
        Rule("requests do not wait for each other", [("o1", ["o1"]), ("o2", ["o2"]), ("o3", ["o3"])]),
        Rule("a request waits for the message before it", [("m1", ["m1"]), ("o1", []), ("m<", ["o1"])]),
        Rule(
            "a request waits for every message before it",
            [("m1", ["m1"]), ("m2", ["m2"]), ("o1", []), ("m<", []), ("m<", ["o1"])]),
        Rule(
            "a request behind a waiting output waits for its turn",
            [("o1", ["o1"]), ("w1", []), ("o2", []), ("o<", ["w1", "o2"])]),
        Rule(
            "a released request holds the output behind it",
            [("m1", ["m1"]), ("o1", []), ("w1", []), ("m<", ["o1"]), ("o<", ["w1"])]),
    ]

    static let messageRules = [
        Rule("messages do not wait for each other", [("m1", ["m1"]), ("m2", ["m2"]), ("m3", ["m3"])]),
        Rule("a message does not wait for a request on its way", [("o1", ["o1"]), ("m1", ["m1"])]),
        Rule(
            "a message waits for its turn behind a waiting output",
            [("o1", ["o1"]), ("w1", []), ("m1", []), ("o<", ["w1", "m1"])]),
        Rule(
            "a message waits for its turn behind a waiting request",
            [("m1", ["m1"]), ("o1", []), ("m2", []), ("m<", ["o1", "m2"])]),
        Rule(
            "what lies between two messages waits for the first only",
            [("m1", ["m1"]), ("w1", []), ("m2", []), ("w2", []), ("m<", ["w1", "m2"]), ("m<", ["w2"])]),
    ]

    @Test("each rule", arguments: outputRules + requestRules + messageRules)
    func rule(_ rule: Rule) {
        var script = OutboxScript()
        for (step, carriedOut) in rule.script {
            #expect(script.perform(step) == carriedOut, "at \(step)")
        }
    }

    @Test("it is idle when nothing is held and nothing is in flight", arguments: ["o", "m"])
    func idle(kind: String) {
        var script = OutboxScript()
        #expect(script.outbox.isIdle)
        _ = script.perform("\(kind)1")
        #expect(!script.outbox.isIdle)
        _ = script.perform("w1")
        #expect(script.outbox.heldCount == 1)
        _ = script.perform("\(kind)<")
        #expect(script.outbox.isIdle && script.outbox.heldCount == 0)
    }
}
