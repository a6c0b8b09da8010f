/// Writes Socket.IO packets (Socket.IO protocol 5), without whitespace and with keys in the order that clients expect.
///
/// Each method appends a packet to its output. Before that, the caller writes Engine.IO's type byte or a frame header;
/// after the text, it sends each of the arguments' attachments as a binary message.
enum PacketEncoder {
    /// Appends a packet of any type.
    static func append(_ packet: Packet, to output: inout [UInt8]) {
        appendHeader(
            packet.type.withoutAttachments, packet.attachments.count, packet.acknowledgementID,
            namespace: packet.namespace, to: &output)
        if let payload = packet.payload { output.append(contentsOf: payload.utf8) }
    }

    /// Appends the answer to CONNECT: `0{"sid":"…"}`, plus `pid` if connection state recovery is on.
    static func appendConnect(
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

    /// Appends the rejection of CONNECT: `4{"message":"…"}`, plus `data` if the application provides it.
    static func appendConnectError(
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

    /// Appends the packet that disconnects a client from a namespace: `1`, `1/custom,`.
    static func appendDisconnect(namespace: String, to output: inout [UInt8]) {
        appendHeader(.disconnect, namespace: namespace, to: &output)
    }

    /// Appends an event: `2["name",arg…]`, `212["name",arg…]` with acknowledgement id 12, `52-["name",arg…]` with two
    /// attachments.
    ///
    /// - Parameters:
    ///   - name: The event's name.
    ///   - arguments: The event's arguments. Received arguments are copied unchanged.
    ///   - trailing: An additional last argument, the event's offset; nil if the event carries no offset.
    ///   - acknowledgementID: The id of the acknowledgement that the server expects, or nil.
    ///   - namespace: The event's namespace.
    ///   - output: The buffer to append to.
    static func appendEvent(
        _ name: String, _ arguments: Arguments, trailing: JSONText? = nil, acknowledgementID: UInt64? = nil,
        namespace: String, to output: inout [UInt8]
    ) {
        appendHeader(.event, arguments.attachments.count, acknowledgementID, namespace: namespace, to: &output)
        output.append(UInt8(ascii: "["))
        JSONString.append(name, to: &output)
        appendRest(of: arguments, trailing, to: &output)
    }

    /// Appends an event whose name is already a JSON string, for example a forwarded event.
    static func appendEvent(
        _ name: JSONText, _ arguments: Arguments, trailing: JSONText? = nil, acknowledgementID: UInt64? = nil,
        namespace: String, to output: inout [UInt8]
    ) {
        appendHeader(.event, arguments.attachments.count, acknowledgementID, namespace: namespace, to: &output)
        output.append(UInt8(ascii: "["))
        output.append(contentsOf: name.utf8)
        appendRest(of: arguments, trailing, to: &output)
    }

    /// Appends an event whose name is the first of its arguments.
    static func appendEvent(_ arguments: EncodedArguments, namespace: String, to output: inout [UInt8]) {
        appendHeader(.event, arguments.attachments.count, namespace: namespace, to: &output)
        output.append(UInt8(ascii: "["))
        output.append(contentsOf: arguments.text)
        output.append(UInt8(ascii: "]"))
    }

    /// Appends an acknowledgement: `312[arg…]` for acknowledgement id 12, or `61-12[arg…]` with one attachment.
    static func appendAcknowledgement(
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
