import TestSupport
import Testing

@testable import Actors

@Suite("Socket outbox: random walks against the sentences that define it")
struct SocketOutboxWalkTests {
    /// Everything a socket did, in order, and how far each has come: the rules are read off the whole history.
    struct History {
        private(set) var words: [String] = []
        private var returned: [Bool] = []
        private(set) var carriedOut = 0

        mutating func submit(_ word: String) -> [String] {
            words.append(word)
            returned.append(word.hasPrefix("w"))
            return carryOut()
        }

        /// Whether one of this kind is on its way.
        func isOut(_ kind: Character) -> Bool { oldestOut(kind) != nil }

        mutating func comesBack(_ kind: Character) -> [String] {
            if let index = oldestOut(kind) { returned[index] = true }
            return carryOut()
        }

        private func oldestOut(_ kind: Character) -> Int? {
            (0..<carriedOut).first { words[$0].first == kind && !returned[$0] }
        }

        private mutating func carryOut() -> [String] {
            let start = carriedOut
            while carriedOut < words.count, mayGo(carriedOut) { carriedOut += 1 }
            return Array(words[start..<carriedOut])
        }

        private func mayGo(_ index: Int) -> Bool {
            let open = Set((0..<index).filter { !returned[$0] }.compactMap { words[$0].first })
            return switch words[index].first {
            case "m": true
            case "o": !open.contains("m")
            default: open.isEmpty
            }
        }
    }

    @Test("whatever is done and comes back, it carries out what the sentences say", arguments: 0..<40)
    func agrees(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var script = OutboxScript()
        var history = History()
        var carriedOut: [String] = []

        func compare(_ step: String, _ expected: [String]) {
            let actual = script.perform(step)
            #expect(actual == expected, "\(step) after \(history.words)")
            carriedOut += actual
        }

        for number in 0..<120 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<2: compare("o\(number)", history.submit("o\(number)"))
            case 2..<4: compare("m\(number)", history.submit("m\(number)"))
            case 4..<6: compare("w\(number)", history.submit("w\(number)"))
            case 6..<8 where history.isOut("o"): compare("o<", history.comesBack("o"))
            case 8..<10 where history.isOut("m"): compare("m<", history.comesBack("m"))
            default: break
            }
        }
        while history.isOut("o") || history.isOut("m") {
            let kind: Character = history.isOut("o") ? "o" : "m"
            compare("\(kind)<", history.comesBack(kind))
        }
        #expect(carriedOut == history.words, "everything, once, in the order in which it was done")
        #expect(script.outbox.isIdle)
    }
}
