import Testing
import Transport

@testable import Actors

/// After which row a client starts, by what it presents when it connects.
@Suite("ClientCursor: where a connect starts")
struct StartingRowTests {
    /// The highest ids of the epochs that the database has recorded: `old` had given more when a backup came back.
    private static let limits: [String: Int64] = ["old": 10, "now": .max]

    private static func trust(_ offset: String?) -> RowTrust {
        RowTrust(offset.flatMap(Offset.init)) { limits[$0] }
    }

    /// What is expected: an id, or the latest messages as the client asks for them.
    enum Start: Equatable {
        case row(Int64)
        case latest
    }

    @Test(
        "a new session",
        arguments: [
            // Nothing that says more than the client's own word.
            (nil, nil, .latest), (nil, 20, .row(20)), ("", 20, .row(20)), ("1700000000-0", 20, .row(20)),
            ("old.7", 20, .row(20)), ("old.7.x", nil, .latest), ("old.7.20.1", 20, .row(20)),
            // This start's own epoch.
            ("now.7.30", nil, .row(30)), ("now.7.30", 20, .row(20)), ("now.7.30", 40, .row(40)),
            // An older one: up to what was assigned when the next one began.
            ("old.7.9", nil, .row(9)), ("old.7.10", nil, .row(10)), ("old.7.20", nil, .row(10)),
            ("old.7.20", 20, .row(10)), ("old.7.20", 4, .row(4)), ("old.7.9", 20, .row(10)),
            // One that was never recorded: nothing the client knows is of this database.
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
        "a recovered session: a larger serverOffset raises its start, as far as the offset can be trusted",
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
