/// Writes Socket.IO packets (Socket.IO protocol 5): no spaces, keys in the order that clients expect.
///
/// Everything is appended, so the caller first puts Engine.IO's type byte, or a frame's header, where it belongs. A
/// packet's attachments are those of its arguments; the caller sends them after the text, each as a binary message.
package enum PacketEncoder {
    /// The answer to CONNECT: `0{"sid":"…"}`, or with `pid` as well when connection state recovery is on.
    package static func appendConnect(
        sid: [UInt8], pid: [UInt8]? = nil, namespace: String, to output: inout [UInt8]
    ) {
        appendHeader(.connect, namespace: namespace, to: &output)
        output.append(contentsOf: #"{"sid":"#.utf8)
        JSONString.append(sid.span, to: &output)
        if let pid {
            output.append(contentsOf: #","pid":"#.utf8)
            JSONString.append(pid.span, to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    /// The refusal of CONNECT: `4{"message":"…"}`, or with `data` as well when the application gave some.
    package static func appendConnectError(
        message: String, data: JSONText? = nil, namespace: String, to output: inout [UInt8]
    ) {
        appendHeader(.connectError, namespace: namespace, to: &output)
        output.append(contentsOf: #"{"message":"#.utf8)
        JSONString.append(message, to: &output)
        if let data {
            output.append(contentsOf: #","data":"#.utf8)
            output.append(contentsOf: data.utf8)
        }
        output.append(UInt8(ascii: "}"))
    }

    /// The server leaves a namespace: `1`, `1/custom,`.
    package static func appendDisconnect(namespace: String, to output: inout [UInt8]) {
        appendHeader(.disconnect, namespace: namespace, to: &output)
    }

    /// An event: `2["name",arg…]`, `212["name",arg…]` with an acknowledgement id, `52-["name",arg…]` with attachments.
    ///
    /// - Parameters:
    ///   - name: The event's name.
    ///   - arguments: Its arguments, of which received ones are copied as they are.
    ///   - trailing: One more argument after the others: the offset, when the event goes through the log.
    ///   - acknowledgementID: Set when an acknowledgement is awaited.
    ///   - namespace: The namespace that the event belongs to.
    ///   - output: Where the packet is appended.
    package static func appendEvent(
        _ name: String, _ arguments: Arguments, trailing: JSONText? = nil, acknowledgementID: UInt64? = nil,
        namespace: String, to output: inout [UInt8]
    ) {
        appendHeader(.event, arguments.attachments.count, acknowledgementID, namespace: namespace, to: &output)
        output.append(UInt8(ascii: "["))
        JSONString.append(name, to: &output)
        appendRest(of: arguments, trailing, to: &output)
    }

    /// An event whose name is at hand as a JSON string, for example one that is passed on.
    package static func appendEvent(
        _ name: JSONText, _ arguments: Arguments, trailing: JSONText? = nil, acknowledgementID: UInt64? = nil,
        namespace: String, to output: inout [UInt8]
    ) {
        appendHeader(.event, arguments.attachments.count, acknowledgementID, namespace: namespace, to: &output)
        output.append(UInt8(ascii: "["))
        output.append(contentsOf: name.utf8)
        appendRest(of: arguments, trailing, to: &output)
    }

    /// The answer to an event that came with an acknowledgement id: `312[arg…]`, `61-12[arg…]` with attachments.
    package static func appendAcknowledgement(
        _ acknowledgementID: UInt64, _ arguments: Arguments, namespace: String, to output: inout [UInt8]
    ) {
        appendHeader(
            .acknowledgement, arguments.attachments.count, acknowledgementID, namespace: namespace, to: &output)
        output.append(UInt8(ascii: "["))
        output.append(contentsOf: arguments.slice)
        output.append(UInt8(ascii: "]"))
    }

    private static func appendRest(of arguments: Arguments, _ trailing: JSONText?, to output: inout [UInt8]) {
        if !arguments.isEmpty {
            output.append(UInt8(ascii: ","))
            output.append(contentsOf: arguments.slice)
        }
        if let trailing {
            output.append(UInt8(ascii: ","))
            output.append(contentsOf: trailing.utf8)
        }
        output.append(UInt8(ascii: "]"))
    }

    private static func appendHeader(
        _ type: PacketType, _ attachmentCount: Int = 0, _ acknowledgementID: UInt64? = nil, namespace: String,
        to output: inout [UInt8]
    ) {
        if attachmentCount > 0 {
            output.append(type.withAttachments.digit)
            output.append(decimal: UInt64(attachmentCount.magnitude))
            output.append(UInt8(ascii: "-"))
        } else {
            output.append(type.digit)
        }
        if namespace != "/" {
            output.append(contentsOf: namespace.utf8)
            output.append(UInt8(ascii: ","))
        }
        if let acknowledgementID { output.append(decimal: acknowledgementID) }
    }
}
