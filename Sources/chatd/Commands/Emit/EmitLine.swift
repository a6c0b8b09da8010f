import Actors

/// A line of standard input: a JSON array of an event's name and its arguments.
struct EmitLine {
    let name: String
    let arguments: Arguments

    /// A line that cannot be sent.
    struct Failure: Error, Equatable, CustomStringConvertible {
        /// The number of the line, from 1 on.
        let number: Int
        let reason: String

        var description: String { "line \(number): \(reason)" }
    }

    /// - Throws: ``Failure`` if the line has another form.
    init(_ line: [UInt8], number: Int) throws(Failure) {
        let text = line.trimmed
        guard text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]"), text.count > 1,
            let list = try? Arguments(slice: Array(text.dropFirst().dropLast())), case .json(let first)? = list.first,
            let name = first.string
        else {
            throw Failure(number: number, reason: "this is no JSON array of an event's name and its arguments")
        }
        self.name = name
        arguments = Arguments(Array(list.dropFirst()))
    }
}

extension [UInt8] {
    /// The bytes without spaces, tabs and carriage returns at both ends.
    fileprivate var trimmed: ArraySlice<UInt8> {
        let spaces: [UInt8] = [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")]
        let start = firstIndex { !spaces.contains($0) } ?? endIndex
        let end = lastIndex { !spaces.contains($0) }.map { $0 + 1 } ?? start
        return self[start..<end]
    }
}
