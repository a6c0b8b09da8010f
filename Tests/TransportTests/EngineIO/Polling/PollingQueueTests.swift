import Testing

@testable import Transport

@Suite("Polling queue: the last answer is kept until it is confirmed")
struct PollingQueueTests {
    var queue = PollingQueue()

    private mutating func append(_ packets: [String]) {
        var builder = FramesBuilder()
        for packet in packets { builder.append(Array(packet.utf8), isBinary: false) }
        queue.append(builder.finish())
    }

    private mutating func nextAnswer() -> [String] {
        queue.confirmAnswer()
        queue.prepareAnswer()
        return lastAnswer
    }

    private var lastAnswer: [String] {
        queue.answerPayload().split(separator: PollingPayload.separator).map { String(decoding: $0, as: UTF8.self) }
    }

    private func numbered(_ range: Range<Int>) -> [String] { range.map { "4\($0)" } }

    @Test("an answer has at most 16 packets, and the next one has the rest in order, from pieces of any size")
    mutating func sixteen() {
        append(numbered(0..<20))
        queue.append(Frames(binary: [1, 2, 3]))
        #expect(nextAnswer() == numbered(0..<16))
        #expect(nextAnswer() == numbered(16..<20) + ["bAQID"])
        #expect(queue.isEmpty)
        queue.confirmAnswer()
        #expect(queue.byteCount == 0)
    }

    @Test("the last answer does not change when it is read again or packets are added")
    mutating func same() {
        append(numbered(0..<20))
        let first = nextAnswer()
        append(["4later"])
        #expect(lastAnswer == first && lastAnswer == first)
        #expect(nextAnswer() == numbered(16..<20) + ["4later"])
    }

    @Test("the bytes of the last answer count as queued until the answer is confirmed, for any pieces and answers")
    mutating func bytes() {
        for size in [1, 20, 3, 16, 40] { append(numbered(0..<size)) }
        var counts = [queue.byteCount]
        while !queue.isEmpty {
            queue.prepareAnswer()
            #expect(queue.byteCount == counts.last, "an answer removes no bytes")
            queue.confirmAnswer()
            counts.append(queue.byteCount)
        }
        #expect(counts.count == 6 && counts == counts.sorted(by: >) && counts.last == 0)
    }

    @Test(
        "an answer has at most 64 KiB after its first packet",
        arguments: [
            ([100, 65_535], 2), ([100, 65_536], 1), ([3_000_000, 65_535], 2), ([3_000_000, 65_536], 1),
            ([100, 32_767, 32_767], 3), ([100, 32_767, 32_768], 2), ([70_000, 70_000], 1),
        ])
    mutating func manyBytes(sizes: [Int], count: Int) {
        append(sizes.map { String(repeating: "x", count: $0) })
        #expect(nextAnswer().map(\.count) == Array(sizes.prefix(count)))
        #expect(nextAnswer().map(\.count) == Array(sizes.dropFirst(count)))
    }

    @Test("a binary packet counts with its size in base64", arguments: [(49_149, 2), (49_150, 1)])
    mutating func binary(size: Int, count: Int) {
        append(["4"])
        queue.append(Frames(binary: [UInt8](repeating: 7, count: size)))
        #expect(nextAnswer().count == count)
    }

    @Test("the WebSocket gets exactly the packets that no answer has contained", arguments: [0, 1, 2, 3])
    mutating func takeAll(answers: Int) {
        append(numbered(0..<20))
        append(numbered(20..<40))
        for _ in 0..<answers { _ = nextAnswer() }
        let rest = queue.takeAll().flatMap { frames in
            (0..<frames.count).map { index in
                var payload: [UInt8] = []
                frames.appendPollingPacket(index, to: &payload)
                return String(decoding: payload, as: UTF8.self)
            }
        }
        #expect(rest == numbered(min(16 * answers, 40)..<40))
        #expect(queue.isEmpty && queue.byteCount == 0)
    }
}
