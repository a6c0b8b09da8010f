import CSQLite

/// One prepared statement, used by one thread at a time.
///
/// Every use ends with ``reset()``: an open statement keeps its read transaction open.
final class SQLiteStatement {
    private let handle: OpaquePointer
    private let path: String

    /// - Parameter handle: a statement that this object owns and finalizes.
    init(owning handle: OpaquePointer, path: String) {
        self.handle = handle
        self.path = path
    }

    deinit {
        sqlite3_finalize(handle)
    }

    func bind(_ value: Int64, at index: Int32) throws(StoreError) {
        try check(sqlite3_bind_int64(handle, index, value))
    }

    /// Binds a value of any storage class. Texts and blobs are copied.
    func bind(_ value: SourceValue, at index: Int32) throws(StoreError) {
        switch value {
        case .null: try check(sqlite3_bind_null(handle, index))
        case .integer(let number): try bind(number, at: index)
        case .real(let number): try check(sqlite3_bind_double(handle, index, number))
        case .text(let bytes): try check(csqlite_bind_copy(handle, index, bytes, UInt64(bytes.count), 1))
        case .blob(let bytes): try check(csqlite_bind_copy(handle, index, bytes, UInt64(bytes.count), 0))
        }
    }

    /// Binds UTF-8 text without copying it, runs `use`, then resets the statement.
    func withText<Result>(
        _ text: [UInt8], at index: Int32, _ use: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try text.withUnsafeBufferPointer { bytes throws(StoreError) in
            defer { reset() }
            try check(csqlite_bind_text(handle, index, bytes.baseAddress, UInt64(bytes.count)))
            return try use()
        }
    }

    /// Binds optional text in the same way. Nil leaves the parameter NULL.
    func withText<Result>(
        _ text: [UInt8]?, at index: Int32, _ use: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        guard let text else { return try use() }
        return try withText(text, at: index, use)
    }

    /// - Returns: true if there is a row to read, false if the statement has ended.
    func step() throws(StoreError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw failure()
        }
    }

    /// Ends the use of this statement and clears its parameters. Ignores the result, which repeats the error of `step`.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    /// Runs a statement without parameters to its end.
    func run() throws(StoreError) {
        defer { reset() }
        while try step() {}
    }

    /// Runs a statement without parameters.
    /// - Returns: the first column of the first row; 0 if there is no row or the column is NULL.
    func onlyInteger() throws(StoreError) -> Int64 {
        defer { reset() }
        return try step() ? integer(at: 0) : 0
    }

    func isNull(at column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    func integer(at column: Int32) -> Int64 {
        sqlite3_column_int64(handle, column)
    }

    /// The bytes of a value of any storage class. Text and blobs are unchanged, numbers become digits, NULL has no
    /// bytes.
    func withBytes<Result>(at column: Int32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        // Get the pointer first, because that may convert the value and change its length
        // (sqlite.org/c3ref/column_blob.html).
        let start = sqlite3_column_blob(handle, column)
        return body(
            UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(handle, column))))
    }

    /// The value as it is stored.
    func value(at column: Int32) -> SourceValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: .integer(integer(at: column))
        case SQLITE_FLOAT: .real(sqlite3_column_double(handle, column))
        case SQLITE_TEXT: .text(withBytes(at: column) { Array($0) })
        case SQLITE_BLOB: .blob(withBytes(at: column) { Array($0) })
        default: .null
        }
    }

    /// The value as valid UTF-8. Other programs may have stored invalid bytes, which are replaced.
    func text(at column: Int32) -> [UInt8] {
        withBytes(at: column) { bytes in
            let text = bytes.bindMemory(to: UInt8.self)
            if (try? UTF8Span(validating: text.span)) != nil { return Array(text) }
            return Array(String(decoding: text, as: UTF8.self).utf8)
        }
    }

    /// The value as valid UTF-8 up to its first U+0000; nil if it is NULL or has more than
    /// ``StoredMessage/maxNameBytes``. A key that the store derived from a client offset continues after U+0000 with a
    /// hash.
    func name(at column: Int32) -> [UInt8]? {
        guard !isNull(at: column) else { return nil }
        return withBytes(at: column) { bytes in
            let name = bytes.prefix { $0 != 0 }
            guard name.count <= StoredMessage.maxNameBytes else { return nil }
            return Array(String(decoding: name, as: UTF8.self).utf8)
        }
    }

    /// True if the value has exactly these bytes.
    func isEqual(at column: Int32, to other: [UInt8]) -> Bool {
        withBytes(at: column) { $0.count == other.count && $0.elementsEqual(other) }
    }

    private func check(_ code: Int32) throws(StoreError) {
        guard code == SQLITE_OK else { throw failure() }
    }

    private func failure() -> StoreError {
        let database = sqlite3_db_handle(handle)
        let message = sqlite3_errmsg(database).map { String(cString: $0) } ?? "unknown error"
        return .failed(code: sqlite3_extended_errcode(database), message: message, path: path)
    }
}
