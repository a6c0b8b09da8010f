import Testing

@testable import Transport

@Suite("A body that is read while it is sent")
struct HTTPBodyTransferTests {
    @Test("one piece is read at a time, and only while little waits for the client")
    func pace() {
        var transfer = HTTPBodyTransfer(count: 10)
        #expect(transfer.shouldRead(waiting: 101, limit: 100) == false)
        #expect(transfer.shouldRead(waiting: 100, limit: 100) == true)
        #expect(transfer.shouldRead(waiting: 0, limit: 100) == false)
        #expect(transfer.read([1, 2, 3]) == .send([1, 2, 3]))
        #expect(transfer.shouldRead(waiting: 0, limit: 100) == true)
        #expect(transfer.read(Array(4...10)) == .sendLast(Array(4...10)))
        #expect(transfer.shouldRead(waiting: 0, limit: 100) == false)
    }

    @Test(
        "never more is sent than was promised, and what is missing is not made up", arguments: [nil, [], [1, 2, 3, 4]])
    func broken(piece: [UInt8]?) {
        var transfer = HTTPBodyTransfer(count: 3)
        #expect(transfer.shouldRead(waiting: 0, limit: 100) == true)
        #expect(transfer.read(piece) == .fail)
    }
}
