extension JSONScanner {
    /// Moves `position` past the value that begins there. `depth` containers enclose it.
    static func skipValue(_ text: Span<UInt8>, _ position: inout Int, depth: Int) throws(JSONError) {
        guard position < text.count else { throw .unexpectedEnd }
        switch text[position] {
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            try skipContainer(text, &position, depthLimit: depthLimit - depth)
        default:
            try skipScalar(text, &position)
        }
    }

    /// Moves past an array or object and its contents.
    private static func skipContainer(
        _ text: Span<UInt8>, _ position: inout Int, depthLimit: Int
    ) throws(JSONError) {
        var nesting = JSONNesting()
        repeat {
            guard position < text.count else { throw .unexpectedEnd }
            switch text[position] {
            case UInt8(ascii: "["):
                try open(object: false, &nesting, position, depthLimit)
                position += 1
                skipWhitespace(text, &position)
                guard position < text.count, text[position] == UInt8(ascii: "]") else { continue }
            case UInt8(ascii: "{"):
                try open(object: true, &nesting, position, depthLimit)
                position += 1
                skipWhitespace(text, &position)
                guard position < text.count, text[position] == UInt8(ascii: "}") else {
                    try skipKey(text, &position)
                    continue
                }
            default:
                try skipScalar(text, &position)
            }
            try closeContainers(text, &position, &nesting)
        } while nesting.depth > 0
    }

    /// Closes all containers that end at `position` and moves to the next value. `position` is after a value or at the
    /// closing bracket of an empty container.
    private static func closeContainers(
        _ text: Span<UInt8>, _ position: inout Int, _ nesting: inout JSONNesting
    ) throws(JSONError) {
        while nesting.depth > 0 {
            skipWhitespace(text, &position)
            guard position < text.count else { throw .unexpectedEnd }
            let inObject = nesting.isInObject
            switch text[position] {
            case UInt8(ascii: ","):
                position += 1
                skipWhitespace(text, &position)
                if inObject { try skipKey(text, &position) }
                return
            case UInt8(ascii: "]") where !inObject, UInt8(ascii: "}") where inObject:
                position += 1
                nesting.close()
            default:
                throw .unexpectedByte(text[position], offset: position)
            }
        }
    }

    private static func open(
        object: Bool, _ nesting: inout JSONNesting, _ position: Int, _ limit: Int
    ) throws(JSONError) {
        guard nesting.depth < limit, nesting.open(object: object) else { throw .tooDeep(offset: position) }
    }

    /// Moves past a member's name and its colon to the value.
    private static func skipKey(_ text: Span<UInt8>, _ position: inout Int) throws(JSONError) {
        try skipString(text, &position)
        skipWhitespace(text, &position)
        try expect(UInt8(ascii: ":"), text, &position)
        skipWhitespace(text, &position)
    }

    static func skipWhitespace(_ text: Span<UInt8>, _ position: inout Int) {
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): position += 1
            default: return
            }
        }
    }

    static func expect(_ byte: UInt8, _ text: Span<UInt8>, _ position: inout Int) throws(JSONError) {
        guard position < text.count else { throw .unexpectedEnd }
        guard text[position] == byte else { throw .unexpectedByte(text[position], offset: position) }
        position += 1
    }
}
