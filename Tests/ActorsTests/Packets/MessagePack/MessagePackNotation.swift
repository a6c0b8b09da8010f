@testable import Actors

/// Bytes in a notation for tests: hexadecimal numbers between `<` and `>`, and all other text as it is. `<92 a1>m<05>`
/// is an array of the string `m` and the number 5.
func packed(_ notation: String) -> [UInt8] {
    var bytes: [UInt8] = []
    for part in notation.split(separator: "<", omittingEmptySubsequences: false) {
        guard let end = part.firstIndex(of: ">") else {
            bytes += part.utf8
            continue
        }
        bytes += part[..<end].split(separator: " ").compactMap { UInt8($0, radix: 16) }
        bytes += part[part.index(after: end)...].utf8
    }
    return bytes
}

/// The JSON of a MessagePack value that fills `bytes`, and its attachments.
func converted(_ bytes: [UInt8]) throws -> (json: String, attachments: [[UInt8]]) {
    var reader = MessagePackReader(bytes)
    var conversion = MessagePackToJSON(bytes)
    try conversion.convert(try reader.next(), from: &reader)
    guard reader.remaining == 0 else { throw MessagePackError.trailingBytes(reader.remaining) }
    return (String(decoding: conversion.json, as: UTF8.self), conversion.attachments)
}

/// The MessagePack of a JSON value.
func packed(json: JSONText, attachments: [[UInt8]] = []) -> [UInt8] {
    var writer = MessagePackWriter()
    JSONToMessagePack.append(json, attachments: attachments, to: &writer)
    return writer.bytes
}

/// Decodes a message as the parser does.
func messagePackPacket(_ message: [UInt8]) throws -> Packet? {
    var decoder = MessagePackParser().makeDecoder()
    return try decoder.receive(.binary(message))
}
