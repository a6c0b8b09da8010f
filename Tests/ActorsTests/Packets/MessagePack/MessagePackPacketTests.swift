import Testing

@testable import Actors

/// The packets are those that socket.io-client and socket.io of version 4 write with socket.io-msgpack-parser 3, and
/// python-socketio with `serializer="msgpack"`.
@Suite("Packets in MessagePack, as other libraries write them")
struct MessagePackPacketTests {
    @Test(
        "packets of clients are the same as in the default format",
        arguments: [
            ("<82 a4>type<00 a3>nsp<a1>/", "0"), ("<83 a4>type<00 a4>data<d4 00 00 a3>nsp<a1>/", "0"),
            ("<83 a4>type<00 a4>data<81 a5>token<a1>x<a3>nsp<a6>/admin", #"0/admin,{"token":"x"}"#),
            (
                "<83 a4>type<00 a4>data<83 a1>k<c4 03 00 01 ff a1>e<c4 00 a1>x<d5 07 01 02 a3>nsp<a1>/",
                #"0{"k":[0,1,255],"e":[],"x":[7,[1,2]]}"#
            ),
            ("<83 a4>data<81 a1>k<c4 01 09 a4>type<00 a3>nsp<a1>/", #"0{"k":[9]}"#),
            ("<84 a4>data<81 a1>k<c4 01 09 a4>type<00 a3>nsp<a1>/<a4>data<c0>", "0"),
            (
                "<83 a4>type<02 a4>data<92 a1>m<82 ac>_placeholder<c3 a3>num<00 a3>nsp<a1>/",
                #"2["m",{"_placeholder":true,"num":0}]"#
            ),
            ("<83 a4>type<00 a4>data<80 a3>nsp<a1>/", "0{}"), ("<83 a4>type<00 a4>data<c0 a3>nsp<a1>/", "0"),
            ("<82 a4>type<01 a3>nsp<a1>/", "1"), ("<83 a4>type<01 a4>data<c0 a3>nsp<a2>/a", "1/a,"),
            (
                "<85 a4>type<02 a4>data<92 a1>m<a2>hi<a7>options<81 a8>compress<c3 a2>id<00 a3>nsp<a1>/",
                #"20["m","hi"]"#
            ),
            ("<83 a4>type<02 a4>data<92 a1>m<cb 3f f8 00 00 00 00 00 00 a3>nsp<a1>/", #"2["m",1.5]"#),
            ("<84 a4>type<02 a4>data<91 a1>m<a2>id<c0 a3>nsp<a4>/a?b", #"2/a,["m"]"#),
            ("<84 a4>type<03 a2>id<0c a4>data<91 a2>ok<a3>nsp<a1>/", #"312["ok"]"#),
            ("<84 a3>nsp<a1>/<a4>data<90 a4>type<03 a2>id<cf 00 03 8d 7e a4 c6 7f ff>", "3999999999999999[]"),
            ("<84 a4>data<01 a4>type<02 a4>data<91 a1>x<a3>nsp<a1>/", #"2["x"]"#),
        ])
    func received(bytes: String, text: String) throws {
        let packet = try #require(try messagePackPacket(packed(bytes)))
        let expected = try #require(try decodedPacket(text))
        #expect(packet.type == expected.type)
        #expect(packet.namespace == expected.namespace)
        #expect(packet.acknowledgementID == expected.acknowledgementID)
        #expect(packet.auth == expected.auth)
        #expect(packet.name == expected.name)
        #expect(packet.arguments == expected.arguments)
        #expect(packet.payload == expected.payload)
        #expect(encodedPacket { PacketEncoder.append(packet, to: &$0) } == text)
    }

    @Test("binary data of a client is an attachment")
    func receivedBinary() throws {
        let bytes = packed("<83 a4>type<02 a4>data<93 a1>m<c4 02 01 02 81 a1>a<c4 01 03 a3>nsp<a1>/")
        let packet = try #require(try messagePackPacket(bytes))
        #expect(packet.type == .binaryEvent)
        #expect(packet.attachments == [[1, 2], [3]])
        #expect(packet.arguments.first == .binary([1, 2]))
        #expect(
            encodedPacket { PacketEncoder.append(packet, to: &$0) }
                == #"52-["m",{"_placeholder":true,"num":0},{"a":{"_placeholder":true,"num":1}}]"#)
    }

    @Test(
        "packets of the server have the bytes of the official server",
        arguments: [
            (#"0{"sid":"x","pid":"y"}"#, "<83 a4>type<00 a4>data<82 a3>sid<a1>x<a3>pid<a1>y<a3>nsp<a1>/"),
            (#"4/a,{"message":"no"}"#, "<83 a4>type<04 a4>data<81 a7>message<a2>no<a3>nsp<a2>/a"),
            ("1/a,", "<82 a4>type<01 a3>nsp<a2>/a"),
            (#"2["m","hi"]"#, "<83 a4>type<02 a4>data<92 a1>m<a2>hi<a3>nsp<a1>/"),
            (#"27["m"]"#, "<84 a4>type<02 a4>data<91 a1>m<a2>id<07 a3>nsp<a1>/"),
            (#"37[1]"#, "<84 a2>id<07 a4>type<03 a4>data<91 01 a3>nsp<a1>/"),
        ])
    func sent(text: String, bytes: String) throws {
        let header = try PacketHeader(Array(text.utf8), from: 0, maxAttachments: 0)
        let payload = text.utf8.dropFirst(header.payloadStart)
        let packet = try Packet(
            header.type, payload: payload.isEmpty ? .none : JSONText(validating: Array(payload)),
            acknowledgementID: header.acknowledgementID, namespace: header.namespace)
        #expect(MessagePackParser().encode(packet) == [.binary(packed(bytes))])
    }

    @Test("binary data of the server is in the packet")
    func sentBinary() throws {
        let arguments = Arguments([.binary([1, 2]), .json(["a": 1])])
        let payload = try JSONText(
            validating: Array(#"["m",\#(String(decoding: arguments.slice, as: UTF8.self))]"#.utf8))
        let packet = try Packet(.event, payload: payload, attachments: arguments.attachments)
        #expect(packet.type == .binaryEvent)
        #expect(
            MessagePackParser().encode(packet)
                == [.binary(packed("<83 a4>type<02 a4>data<93 a1>m<c4 02 01 02 81 a1>a<01 a3>nsp<a1>/"))])
    }
}
