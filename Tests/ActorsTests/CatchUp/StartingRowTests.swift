import Testing
import Transport

@testable import Actors

@Suite("The row after which a client starts, depending on the offsets it presents")
struct StartingRowTests {
    /// The highest id of each epoch in the database. Epoch `old` had assigned higher ids before a backup was restored.
    private static let limits: [String: Int64] = ["old": 10, "now": .max]

    private static func trust(_ offset: String?) -> RowTrust {
        RowTrust(offset.flatMap(Offset.init)) { limits[$0] }
    }

    /// The expected start: a row, or the latest messages if the client asks for them.
    enum Start: Equatable {
        case row(Int64)
        case latest
    }

    @Test(
        "a new session starts at its serverOffset, else at its offset's row, if trusted; otherwise at the latest",
        arguments: [
            // No usable offset: the serverOffset is trusted.
            (nil, nil, .latest), (nil, 20, .row(20)), ("", 20, .row(20)), ("1700000000-0", 20, .row(20)),
            ("old.7", 20, .row(20)), ("old.7.x", nil, .latest), ("old.7.20.1", 20, .row(20)),
            // An offset of the current epoch.
            ("now.7.30", nil, .row(30)), ("now.7.30", 20, .row(20)), ("now.7.30", 40, .row(40)),
            // An offset of an older epoch: ids count up to the highest one assigned in it.
            ("old.7.9", nil, .row(9)), ("old.7.10", nil, .row(10)), ("old.7.20", nil, .row(10)),
            ("old.7.20", 20, .row(10)), ("old.7.20", 4, .row(4)), ("old.7.9", 20, .row(10)),
            // An offset of an unknown epoch: none of the client's ids belongs to this database.
            ("other.7.9", nil, .latest), ("other.7.9", 20, .latest), ("other.7.9", 0, .latest),
        ] as [(String?, Int64?, Start)])
    func fresh(offset: String?, serverOffset: Int64?, start: Start) {
        var cursor = ClientCursor()
        cursor.begin(serverOffset: serverOffset, trust: Self.trust(offset), latest: 0)
        switch start {
        case .row(let row): #expect(cursor.registeredStart == row)
        case .latest: #expect(cursor.registeredStart == nil)
        }

        var without = ClientCursor()
        without.begin(serverOffset: serverOffset, trust: Self.trust(offset), latest: nil)
        #expect(without.registeredStart == (start == .latest ? 0 : cursor.registeredStart))
    }

    @Test(
        "a larger serverOffset raises the start of a recovered session, up to the trusted limit",
        arguments: [
            (nil, nil, 5), (nil, 3, 5), (nil, 20, 20), ("now.7.5", 20, 20), ("now.7.5", 3, 5),
            ("old.7.20", 20, 10), ("old.7.20", 8, 8), ("old.7.20", nil, 5), ("other.7.20", 20, 5),
        ] as [(String?, Int64?, Int64)])
    func recovered(offset: String?, serverOffset: Int64?, row: Int64) throws {
        let id = try #require(SessionID("AAAAAAAAAAAAAAAAAAAA"))
        var cursor = ClientCursor()
        cursor.recover(
            RecoveredSession(
                key: SessionKey(id: id), privateID: id, rooms: [], data: nil, missed: [], startRow: 5,
                rowLimit: Self.trust(offset).limit, position: 0), serverOffset: serverOffset)
        #expect(cursor.startRow == row)
    }
}
