/// Decodes a server's bytes into values (RESP protocol specification, versions 2 and 3).
///
/// The bytes may arrive in pieces of any size, and the work is linear in their number. A payload is copied from the
/// input into the array of its value, and not again unless it arrives in pieces. Attributes are skipped. Values of
/// unknown length ("streamed" strings and aggregates) are not accepted; no server sends them.
package struct RESPReader {
    private enum State {
        /// In the line that begins a value.
        case line
        case payload(RESPKind, missing: Int)
        /// In a payload that is not kept.
        case skipped(missing: Int)
        /// Before the CR, or between the CR and the LF, that end a payload.
        case payloadEnd(RESPKind, hasReturn: Bool)
        case ended
    }

    /// What a value has used of the limits.
    private struct Usage {
        var bytes = 0
        var elements = 0
        var payloads = 0
    }

    private static let carriageReturn: UInt8 = 0x0D
    private static let lineFeed: UInt8 = 0x0A

    private let limits: RESPLimits
    private var state = State.line
    /// The line as far as it has arrived.
    private var line: [UInt8] = []
    /// The payload as far as it has arrived.
    private var payload: [UInt8] = []
    /// The aggregates that are not complete, the innermost last.
    private var stack: [RESPAggregate] = []
    private var usage = Usage()
    /// The usage of the value into which a push has come; nil outside a push.
    private var interrupted: Usage?

    package init(limits: RESPLimits = RESPLimits()) {
        self.limits = limits
    }

    /// Takes in bytes from the server. Bytes after an error are ignored.
    ///
    /// A push that comes between the elements of another value is not one of them. Redis sends such pushes inside the
    /// answer to EXEC. It is delivered before that value.
    ///
    /// - Parameter values: gets the values that these bytes complete, also if the function throws.
    package mutating func read(_ bytes: RawSpan, into values: inout [RESPValue]) throws(RESPError) {
        do throws(RESPError) {
            try bytes.withUnsafeBytes { (input) throws(RESPError) in try decode(input, into: &values) }
        } catch {
            end()
            throw error
        }
    }

    private mutating func decode(
        _ input: UnsafeRawBufferPointer, into values: inout [RESPValue]
    ) throws(RESPError) {
        var position = 0
        while position < input.count {
            switch state {
            case .line: position = try readLine(input, from: position, into: &values)
            case .payload(let kind, let missing): position = readPayload(kind, missing, input, from: position)
            case .skipped(let missing):
                let count = min(missing, input.count - position)
                position += count
                state = count == missing ? .payloadEnd(.null, hasReturn: false) : .skipped(missing: missing - count)
            case .payloadEnd(let kind, let hasReturn):
                guard input[position] == (hasReturn ? Self.lineFeed : Self.carriageReturn) else {
                    throw .malformed("\(kind)")
                }
                position += 1
                if hasReturn {
                    state = .line
                    add(try takePayload(kind), to: &values)
                } else {
                    state = .payloadEnd(kind, hasReturn: true)
                }
            case .ended: return
            }
        }
    }

    /// - Returns: the position after what was read.
    private mutating func readLine(
        _ input: UnsafeRawBufferPointer, from start: Int, into values: inout [RESPValue]
    ) throws(RESPError) -> Int {
        guard let kind = RESPKind(rawValue: line.first ?? input[start]) else { throw .unknownKind(input[start]) }
        let rest = UnsafeRawBufferPointer(rebasing: input[start...])
        let count = rest.firstIndex(of: Self.lineFeed) ?? rest.count
        guard line.count + count <= limits.line else { throw .lineTooLong(limit: limits.line) }
        line.append(contentsOf: rest.prefix(count))
        let end = start + count
        guard end < input.count else { return end }
        let header = try RESPHeader(kind, line)
        if kind == .push { try interrupt() }
        try use(line.count + 1)
        line.removeAll(keepingCapacity: true)
        switch header {
        case .value(let value): add(value, to: &values)
        case .payload(let kind, let count):
            if let limit = limits.keptPayloads {
                guard count <= limit - usage.payloads else {
                    state = .skipped(missing: count)
                    return end + 1
                }
                usage.payloads += count
            }
            try use(count)
            // CR LF.
            try use(2)
            state = count == 0 ? .payloadEnd(kind, hasReturn: false) : .payload(kind, missing: count)
        case .aggregate(let kind, let count): try begin(kind, count, into: &values)
        }
        return end + 1
    }

    /// Begins a push, which has limits of its own.
    private mutating func interrupt() throws(RESPError) {
        guard interrupted == nil else { throw .malformed("\(RESPKind.push)") }
        interrupted = usage
        usage = Usage()
    }

    private mutating func use(_ bytes: Int) throws(RESPError) {
        guard bytes <= limits.value - usage.bytes else { throw .valueTooLarge(limit: limits.value) }
        usage.bytes += bytes
    }

    /// - Returns: the position after what was read.
    private mutating func readPayload(
        _ kind: RESPKind, _ missing: Int, _ input: UnsafeRawBufferPointer, from start: Int
    ) -> Int {
        let count = min(missing, input.count - start)
        let piece = UnsafeRawBufferPointer(rebasing: input[start..<(start + count)])
        // A payload that has arrived as a whole gets an array of its size.
        if payload.isEmpty { payload = Array(piece) } else { payload.append(contentsOf: piece) }
        state = count == missing ? .payloadEnd(kind, hasReturn: false) : .payload(kind, missing: missing - count)
        return start + count
    }

    private mutating func takePayload(_ kind: RESPKind) throws(RESPError) -> RESPValue {
        var bytes: [UInt8] = []
        swap(&bytes, &payload)
        switch kind {
        // It was not kept.
        case .null: return .null
        case .blobError: return .error(RedisError(bytes[...]))
        case .verbatim:
            // The format has three bytes, after which a colon comes.
            guard bytes.count >= 4, bytes[3] == UInt8(ascii: ":") else { throw .malformed("\(kind)") }
            let format = String(decoding: bytes[..<3], as: UTF8.self)
            bytes.removeFirst(4)
            return .verbatim(format: format, bytes)
        default: return .bulk(bytes)
        }
    }

    private mutating func begin(
        _ kind: RESPKind, _ count: Int, into values: inout [RESPValue]
    ) throws(RESPError) {
        let (number, isTooLarge) = count.multipliedReportingOverflow(by: kind.isPaired ? 2 : 1)
        guard !isTooLarge, number <= limits.elements - usage.elements else {
            throw .tooManyElements(limit: limits.elements)
        }
        usage.elements += number
        guard stack.count < limits.depth else { throw .tooDeep(limit: limits.depth) }
        stack.append(RESPAggregate(kind, missing: number))
        if number == 0, let value = close(into: &values) { add(value, to: &values) }
    }

    /// Adds a value to the innermost aggregate, and closes the aggregates that it completes.
    private mutating func add(_ value: RESPValue, to values: inout [RESPValue]) {
        var value = value
        while let innermost = stack.indices.last {
            stack[innermost].append(value)
            guard stack[innermost].missing == 0, let closed = close(into: &values) else { return }
            value = closed
        }
        values.append(value)
        usage = Usage()
    }

    /// Removes the innermost aggregate, which is complete.
    /// - Returns: its value; nil if it is not an element of another.
    private mutating func close(into values: inout [RESPValue]) -> RESPValue? {
        let aggregate = stack.removeLast()
        switch aggregate.kind {
        case .attribute: return nil
        case .push:
            values.append(.push(aggregate.elements))
            // Attributes before a push belong to it, unless it has come into another value.
            usage = stack.isEmpty ? Usage() : interrupted ?? Usage()
            interrupted = nil
            return nil
        case .map: return .map(aggregate.elements)
        case .set: return .set(aggregate.elements)
        default: return .array(aggregate.elements)
        }
    }

    private mutating func end() {
        state = .ended
        line = []
        payload = []
        stack = []
    }
}
