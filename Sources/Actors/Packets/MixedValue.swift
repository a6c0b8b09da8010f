/// A value that may contain binary data: JSON text, and the attachments that its placeholders refer to.
///
/// The arguments of events have this form inside the server. So a message of another server is read in this form too,
/// whether it came as JSON, which has no binary data, or as MessagePack.
package struct MixedValue: Sendable, Equatable {
    /// The value. If ``attachments`` is empty, an object that looks like a placeholder is plain data.
    package let json: JSONText
    /// The binary data, by the numbers in the placeholders.
    package let attachments: [[UInt8]]

    /// Creates a value without binary data.
    package init(_ json: JSONText) {
        self.json = json
        attachments = []
    }

    /// Creates an array of the arguments.
    package init(_ arguments: EncodedArguments) {
        json = JSONText(validated: [UInt8(ascii: "[")] + arguments.text + [UInt8(ascii: "]")])
        attachments = arguments.attachments
    }

    private init(_ json: JSONText, attachments: [[UInt8]]) {
        self.json = json
        self.attachments = attachments
    }

    /// Reads the one value of a MessagePack message. Dates become strings; NaN, infinities and `undefined` become null.
    /// - Throws: ``MessagePackError`` if the message is not one value, if the value exceeds a limit, or if it has
    ///   binary data and also a map that looks like a placeholder.
    package init(messagePack message: [UInt8]) throws(MessagePackError) {
        var reader = MessagePackReader(message)
        var conversion = MessagePackToJSON(message)
        try conversion.convert(try reader.next(), from: &reader)
        guard reader.remaining == 0 else { throw .trailingBytes(reader.remaining) }
        if !conversion.attachments.isEmpty {
            var check = PlaceholderCheck(conversion.json, attachments: conversion.attachments.count)
            guard check.passes(in: conversion.json.indices) else { throw .ambiguousPlaceholder }
        }
        self.init(JSONText(validated: conversion.json), attachments: conversion.attachments)
    }

    /// A part of this value, with its own numbers of attachments.
    /// - Parameter json: A value inside ``json``.
    package func part(_ json: JSONText) -> MixedValue {
        guard !attachments.isEmpty else { return MixedValue(json) }
        var text: [UInt8] = []
        var used: [[UInt8]] = []
        PlaceholderReplacement.copy(json, attachmentCount: attachments.count, to: &text) { number, output in
            Placeholder.append(number: used.count, to: &output)
            used.append(attachments[number])
        }
        return MixedValue(JSONText(validated: text), attachments: used)
    }

    /// The elements of an array as arguments; nil if the value is not an array.
    package var arguments: EncodedArguments? {
        guard json.kind == .array else { return nil }
        return EncodedArguments(text: Array(json.utf8.dropFirst().dropLast()), attachments: attachments)
    }

    /// Appends the value as MessagePack, with its binary data in place.
    package func append(to writer: inout MessagePackWriter) {
        JSONToMessagePack.append(json, attachments: attachments, to: &writer)
    }

    /// Appends the value as JSON. Binary data becomes what Node's `JSON.stringify` makes of a buffer:
    /// `{"type":"Buffer","data":[1,2]}`.
    package func appendJSON(to output: inout [UInt8]) {
        PlaceholderReplacement.copy(json, attachmentCount: attachments.count, to: &output) { number, output in
            output.append(contentsOf: #"{"type":"Buffer","data":["#.utf8)
            for (index, byte) in attachments[number].enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                output.append(decimal: UInt64(byte))
            }
            output.append(contentsOf: "]}".utf8)
        }
    }
}
