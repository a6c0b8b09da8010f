import Testing

@testable import Transport

@Suite("A body that is read in pieces while it is sent")
struct HTTPBodyTransferTests {
    @Test("one piece of the file is read at a time, and only while few bytes wait for the client")
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
        "a missing piece or one beyond the announced size fails the transfer", arguments: [nil, [], [1, 2, 3, 4]])
    func broken(piece: [UInt8]?) {
        var transfer = HTTPBodyTransfer(count: 3)
        #expect(transfer.shouldRead(waiting: 0, limit: 100) == true)
        #expect(transfer.read(piece) == .fail)
    }
}
