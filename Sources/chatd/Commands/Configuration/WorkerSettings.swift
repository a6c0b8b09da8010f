/// The form in which the primary process passes the values of options to a worker. The values may be secrets, so they
/// are not in the worker's arguments, which every user of the machine can read.
///
/// Each name and each value ends with a zero byte, which neither of them can contain.
enum WorkerSettings {
    static func encode(_ values: [String: String]) -> [UInt8] {
        values.sorted { $0.key < $1.key }.flatMap { Array($0.key.utf8) + [0] + Array($0.value.utf8) + [0] }
    }

    /// - Throws: ``UsageError`` for bytes that ``encode(_:)`` does not return.
    static func decode(_ bytes: [UInt8]) throws(UsageError) -> [String: String] {
        var parts = bytes.split(separator: 0, omittingEmptySubsequences: false)[...]
        guard parts.popLast()?.isEmpty == true, parts.count.isMultiple(of: 2) else {
            throw UsageError(description: "the options that the supervisor has passed are incomplete")
        }
        var values: [String: String] = [:]
        while let name = parts.popFirst(), let value = parts.popFirst() {
            values[String(decoding: name, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
        }
        return values
    }
}
