import CStoreFaults
import Testing

@testable import SimulatedWorld

@Suite("A handle of the simulated store")
struct StoreHandleTests {
    @Test("a handle is open until SQLite releases the connection, which waits for the last statement")
    func closing() throws {
        var opened: OpaquePointer?
        try #require(sqlite3_open_v2(":memory:", &opened, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK)
        let handle = StoreHandle(try #require(opened))
        var statement: OpaquePointer?
        try #require(sqlite3_prepare_v2(handle.pointer, "SELECT 1", -1, &statement, nil) == SQLITE_OK)
        sqlite3_close_v2(handle.pointer)
        #expect(handle.isOpen)
        sqlite3_finalize(statement)
        #expect(!handle.isOpen)
    }
}
