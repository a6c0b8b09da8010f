import TestSupport
import Testing

@testable import Actors

@Suite("Socket outbox compared with its rules in random walks")
struct SocketOutboxWalkTests {
    /// A model that keeps all entries of a socket, in order, and applies the rules to the whole history.
    struct History {
        private(set) var entries: [String] = []
        private var returned: [Bool] = []
        private(set) var carriedOut = 0

        mutating func submit(_ entry: String) -> [String] {
            entries.append(entry)
            returned.append(entry.hasPrefix("o"))
            return carryOut()
        }

        /// Returns true if an entry of this kind is in flight.
        func isInFlight(_ kind: Character) -> Bool { oldestInFlight(kind) != nil }

        /// Returns the oldest entry of this kind.
        /// - Returns: The entries carried out.
        mutating func completeOldest(_ kind: Character) -> [String] {
            if let index = oldestInFlight(kind) { returned[index] = true }
            return carryOut()
        }

        private func oldestInFlight(_ kind: Character) -> Int? {
            (0..<carriedOut).first { entries[$0].first == kind && !returned[$0] }
        }

        private mutating func carryOut() -> [String] {
            let start = carriedOut
            while carriedOut < entries.count, canProceed(carriedOut) { carriedOut += 1 }
            return Array(entries[start..<carriedOut])
        }

        private func canProceed(_ index: Int) -> Bool {
            let open = Set((0..<index).filter { !returned[$0] }.compactMap { entries[$0].first })
            return switch entries[index].first {
            case "m": true
            case "r": !open.contains("m")
            default: open.isEmpty
            }
        }
    }

    @Test("the outbox carries out the same entries as the model at each random step", arguments: 0..<40)
    func agrees(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var script = OutboxScript()
        var history = History()
        var carriedOut: [String] = []

        func compare(_ step: String, _ expected: [String]) {
            let actual = script.perform(step)
            #expect(actual == expected, "\(step) after \(history.entries)")
            carriedOut += actual
        }

        for number in 0..<120 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<2: compare("r\(number)", history.submit("r\(number)"))
            case 2..<4: compare("m\(number)", history.submit("m\(number)"))
            case 4..<6: compare("o\(number)", history.submit("o\(number)"))
            case 6..<8 where history.isInFlight("r"): compare("r<", history.completeOldest("r"))
            case 8..<10 where history.isInFlight("m"): compare("m<", history.completeOldest("m"))
            default: break
            }
        }
        while history.isInFlight("r") || history.isInFlight("m") {
            let kind: Character = history.isInFlight("r") ? "r" : "m"
            compare("\(kind)<", history.completeOldest(kind))
        }
        #expect(carriedOut == history.entries, "every entry once, in order")
        #expect(script.outbox.isIdle)
    }
}
