import Testing

@testable import Actors

@Suite("Packets that a server sends")
struct PacketEncoderTests {
    @Test("the answer to CONNECT contains sid, and pid with recovery")
    func connect() {
        let sid = Array("abcdefghij0123456789".utf8)
        let pid = Array("PID-_".utf8)
        #expect(
            encodedPacket { PacketEncoder.appendConnect(sid: sid, namespace: "/", to: &$0) }
                == #"0{"sid":"abcdefghij0123456789"}"#)
        #expect(
            encodedPacket { PacketEncoder.appendConnect(sid: sid, pid: pid, namespace: "/", to: &$0) }
                == #"0{"sid":"abcdefghij0123456789","pid":"PID-_"}"#)
        #expect(
            encodedPacket { PacketEncoder.appendConnect(sid: pid, namespace: "/custom", to: &$0) }
                == #"0/custom,{"sid":"PID-_"}"#)
    }

    @Test("the rejection of CONNECT contains the message, and data if provided")
    func connectError() {
        #expect(
            encodedPacket {
                PacketEncoder.appendConnectError(message: "Invalid namespace", namespace: "/random", to: &$0)
            }
                == #"4/random,{"message":"Invalid namespace"}"#)
        let data = JSONText(object: [("code", JSONText(integer: 401))])
        #expect(
            encodedPacket {
                PacketEncoder.appendConnectError(message: "no \"way\"", data: data, namespace: "/", to: &$0)
            }
                == #"4{"message":"no \"way\"","data":{"code":401}}"#)
    }

    @Test("DISCONNECT contains only its namespace", arguments: [("/", "1"), ("/custom", "1/custom,")])
    func disconnect(namespace: String, expected: String) {
        #expect(encodedPacket { PacketEncoder.appendDisconnect(namespace: namespace, to: &$0) } == expected)
    }

    struct Event: CustomTestStringConvertible {
        let expected: String
        var name = "m"
        var arguments: Arguments = []
        var trailing: JSONText?
        var acknowledgementID: UInt64?
        var namespace = "/"

        var testDescription: String { expected }
    }

    @Test(
        "events are encoded with their id, namespace, arguments and attachment count",
        arguments: [
            Event(expected: #"2["m"]"#),
            Event(expected: #"2["a \"b\"\n"]"#, name: "a \"b\"\n"),
            Event(expected: #"2["m",1,"x"]"#, arguments: [.json(JSONText(integer: 1)), .json(JSONText(string: "x"))]),
            Event(expected: #"2["m","0.7"]"#, trailing: JSONText(string: "0.7")),
            Event(expected: #"2["m",null,"0.7"]"#, arguments: [.json(.null)], trailing: JSONText(string: "0.7")),
            Event(expected: #"212["m"]"#, acknowledgementID: 12),
            Event(expected: #"2/custom,0["m"]"#, acknowledgementID: 0, namespace: "/custom"),
            Event(expected: #"51-["m",{"_placeholder":true,"num":0}]"#, arguments: [.binary([1])]),
            Event(
                expected: #"52-/custom,789["m",{"_placeholder":true,"num":0},null,{"_placeholder":true,"num":1},"o"]"#,
                arguments: [.binary([1]), .json(.null), .binary([])], trailing: JSONText(string: "o"),
                acknowledgementID: 789,
                namespace: "/custom"),
        ])
    func events(event: Event) {
        let byName = encodedPacket {
            PacketEncoder.appendEvent(
                event.name, event.arguments, trailing: event.trailing, acknowledgementID: event.acknowledgementID,
                namespace: event.namespace, to: &$0)
        }
        let byText = encodedPacket {
            PacketEncoder.appendEvent(
                JSONText(string: event.name), event.arguments, trailing: event.trailing,
                acknowledgementID: event.acknowledgementID,
                namespace: event.namespace, to: &$0)
        }
        #expect(byName == event.expected)
        #expect(byText == event.expected)
    }

    @Test(
        "acknowledgements are encoded with their id, namespace, arguments and attachment count",
        arguments: [
            ([], "/", "312[]"), ([.json(JSONText(string: "x")), .json(.null)], "/", #"312["x",null]"#),
            ([], "/custom", "3/custom,12[]"),
            ([.binary([1, 2])], "/", #"61-12[{"_placeholder":true,"num":0}]"#),
        ] as [(Arguments, String, String)])
    func acknowledgements(arguments: Arguments, namespace: String, expected: String) {
        #expect(
            encodedPacket { PacketEncoder.appendAcknowledgement(12, arguments, namespace: namespace, to: &$0) }
                == expected)
    }

    @Test("a packet is appended to the existing output")
    func appending() {
        var output = Array("4".utf8)
        PacketEncoder.appendEvent("m", [], namespace: "/", to: &output)
        #expect(output == Array(#"42["m"]"#.utf8))
    }

    @Test(
        "received arguments are forwarded unchanged, under another name and as an acknowledgement",
        arguments: [#"1,"two",{"three":[3.0,"\u00e9"]}"#, #"{ "a" : 1 } , null"#, ""])
    func relaying(slice: String) throws {
        let packet = try #require(try decodedPacket(#"27["message"\#(slice.isEmpty ? "" : ",")\#(slice)]"#))
        #expect(
            encodedPacket { PacketEncoder.appendEvent("message-back", packet.arguments, namespace: "/", to: &$0) }
                == #"2["message-back"\#(slice.isEmpty ? "" : ",")\#(slice)]"#)
        #expect(
            encodedPacket { PacketEncoder.appendAcknowledgement(7, packet.arguments, namespace: "/", to: &$0) }
                == "37[\(slice)]")
    }

    @Test("received attachments are forwarded with unchanged placeholders")
    func relayingAttachments() throws {
        let slice = #"{"_placeholder":true,"num":1},{"deep":[{"_placeholder":true,"num":0}]}"#
        let packet = try #require(try decodedPacket(#"52-["message",\#(slice)]"#, attachments: [[1], [2]]))
        let arguments = packet.arguments
        #expect(arguments.attachments == [[1], [2]])
        #expect(
            encodedPacket { PacketEncoder.appendEvent("back", arguments, namespace: "/", to: &$0) }
                == #"52-["back",\#(slice)]"#)
        #expect(
            encodedPacket { PacketEncoder.appendAcknowledgement(3, arguments, namespace: "/", to: &$0) }
                == "62-3[\(slice)]")
    }
}
