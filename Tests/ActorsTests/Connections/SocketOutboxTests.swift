import Testing

@testable import Actors

@Suite("Socket outbox carries out a socket's actions in order")
struct SocketOutboxTests {
    /// A rule with a script of steps and the entries that each step carries out.
    struct Rule: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let script: [(step: String, carriedOut: [String])]

        init(_ rule: String, _ script: [(step: String, carriedOut: [String])]) {
            testDescription = rule
            self.script = script
        }
    }

    static let outputRules = [
        Rule("an output is written immediately if nothing precedes it", [("o1", ["o1"]), ("o2", ["o2"])]),
        Rule("an output waits for the request before it", [("r1", ["r1"]), ("o1", []), ("r<", ["o1"])]),
        Rule(
            "an output waits for every request before it",
            [("r1", ["r1"]), ("r2", ["r2"]), ("o1", []), ("r<", []), ("r<", ["o1"])]),
        Rule("an output waits for the message before it", [("m1", ["m1"]), ("o1", []), ("m<", ["o1"])]),
        Rule(
            "an output waits for requests and messages, in whatever order they return",
            [("r1", ["r1"]), ("m1", ["m1"]), ("o1", []), ("m<", []), ("r<", ["o1"])]),
        Rule(
            "an output waits for the held output before it",
            [("r1", ["r1"]), ("o1", []), ("o2", []), ("r<", ["o1", "o2"])]),
    ]

    static let requestRules = [
        Rule("requests do not wait for each other", [("r1", ["r1"]), ("r2", ["r2"]), ("r3", ["r3"])]),
        Rule("a request waits for the message before it", [("m1", ["m1"]), ("r1", []), ("m<", ["r1"])]),
        Rule(
            "a request waits for every message before it",
            [("m1", ["m1"]), ("m2", ["m2"]), ("r1", []), ("m<", []), ("m<", ["r1"])]),
        Rule(
            "a request waits for the held output before it",
            [("r1", ["r1"]), ("o1", []), ("r2", []), ("r<", ["o1", "r2"])]),
        Rule(
            "a released request holds the output after it",
            [("m1", ["m1"]), ("r1", []), ("o1", []), ("m<", ["r1"]), ("r<", ["o1"])]),
    ]

    static let messageRules = [
        Rule("messages do not wait for each other", [("m1", ["m1"]), ("m2", ["m2"]), ("m3", ["m3"])]),
        Rule("a message does not wait for a request in flight", [("r1", ["r1"]), ("m1", ["m1"])]),
        Rule(
            "a message waits for the held output before it",
            [("r1", ["r1"]), ("o1", []), ("m1", []), ("r<", ["o1", "m1"])]),
        Rule(
            "a message waits for the held request before it",
            [("m1", ["m1"]), ("r1", []), ("m2", []), ("m<", ["r1", "m2"])]),
        Rule(
            "an output between two messages waits only for the first",
            [("m1", ["m1"]), ("o1", []), ("m2", []), ("o2", []), ("m<", ["o1", "m2"]), ("m<", ["o2"])]),
    ]

    @Test(
        "each step carries out the entries that the rule allows", arguments: outputRules + requestRules + messageRules)
    func rule(_ rule: Rule) {
        var script = OutboxScript()
        for (step, carriedOut) in rule.script {
            #expect(script.perform(step) == carriedOut, "at \(step)")
        }
    }

    @Test("the outbox is idle if nothing is held and nothing is in flight", arguments: ["r", "m"])
    func idle(kind: String) {
        var script = OutboxScript()
        #expect(script.outbox.isIdle)
        _ = script.perform("\(kind)1")
        #expect(!script.outbox.isIdle)
        _ = script.perform("o1")
        #expect(script.outbox.heldCount == 1)
        _ = script.perform("\(kind)<")
        #expect(script.outbox.isIdle && script.outbox.heldCount == 0)
    }
}
