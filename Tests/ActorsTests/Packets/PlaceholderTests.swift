import Testing

@testable import Actors

@Suite("Placeholders refer to attachments of their packet")
struct PlaceholderTests {
    @Test(
        "a packet is rejected if a placeholder refers to none of its attachments, or to the same one as another",
        arguments: [
            #"{"_placeholder":true,"num":"splice"}"#, #"{"_placeholder":true,"num":-1}"#,
            #"{"_placeholder":true,"num":1.5}"#,
            #"{"_placeholder":true,"num":10}"#, #"{"_placeholder":true,"num":2}"#, #"{"_placeholder":true}"#,
            #"{"_placeholder":true,"num":null}"#,
            #"{"_placeholder":true,"num":[0]}"#, #"{"_placeholder":true,"num":{"num":0}}"#,
            #"{"_placeholder":true,"num":true}"#,
            #"{"_placeholder":true,"num":1e1}"#, #"{"_placeholder":true,"num":99999999999999999999}"#,
            #"{"num":5,"_placeholder":true}"#,
            #"{"num":0,"_placeholder":true,"num":7}"#, #"{"_placeholder":false,"_placeholder":true}"#,
            #"{"_placeholder":true,"Num":0}"#,
            #"{"\u005fplaceholder":true,"num":7}"#, #"{"_placeholder":true,"n\u0075m":7}"#,
            #"{"_placeholder":true,"a":{"num":0}}"#,
            #"[[{"a":{"_placeholder":true,"num":7}}]]"#, #"{"a":1,"b":[{"_placeholder" : true , "x":"}" }]}"#,
            #"{"__proto__":{"_placeholder":true,"num":7}}"#,
            #"{"_placeholder":true,"num":0,"x":{"_placeholder":true,"num":7}}"#,
            #""x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":2}"#, #"{"a":"\"","_placeholder":true}"#,
            #"{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}"#,
            #"{"_placeholder":true,"num":1},[{"a":{"num":1,"_placeholder":true}}]"#,
            #"{"_placeholder":true,"num":0,"x":{"_placeholder":true,"num":0}}"#,
        ])
    func refused(argument: String) throws {
        #expect(throws: PacketError.invalidPlaceholder(attachments: 2)) { try decodedPacket("52-[\"m\",\(argument)]") }
        #expect(throws: PacketError.invalidPlaceholder(attachments: 2)) { try decodedPacket("62-1[\(argument)]") }
        #expect(throws: PacketError.invalidPlaceholder(attachments: 2)) {
            try Arguments(slice: Array(argument.utf8), attachments: [[], []])
        }
        #expect(try decodedPacket("2[\"m\",\(argument)]") != nil, "plain data in an event without attachments")
    }

    @Test(
        "a packet with valid placeholders is accepted",
        arguments: [
            #"{"_placeholder":true,"num":0}"#, #"{"num":1,"_placeholder":true}"#,
            #"{"_placeholder":true,"num":9,"num":0}"#,
            #"{ "_placeholder" : true , "num" : 1 }"#, #"{"\u005fplaceholder":true,"\u006eum":1}"#,
            #"{"_placeholder":true,"num":0,"x":[1,{}]}"#,
            #"{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}"#,
            #"{"_placeholder":true,"num":0},{"_placeholder":false,"num":0},{"num":0}"#,
            #"[[{"a":{"_placeholder":true,"num":1}}]]"#,
        ])
    func accepted(argument: String) throws {
        let packet = try #require(try decodedPacket("52-[\"m\",\(argument)]", attachments: [[1], [2]]))
        #expect(String(decoding: packet.argumentsSlice, as: UTF8.self) == argument)
    }

    @Test(
        "values that only resemble placeholders are plain data",
        arguments: [
            #"{"_placeholder":1,"num":9}"#, #"{"_placeholder":"true","num":9}"#, #"{"_placeholder":false,"num":9}"#,
            #"{"_placeholder":null}"#,
            #"{"_placeholder":true,"_placeholder":false,"num":9}"#, #"{"_Placeholder":true}"#, #"{"placeholder":true}"#,
            #"{"num":9}"#,
            #""_placeholder",true"#, #"["_placeholder",true,"num",9]"#, #"{"a":"_placeholder","b":true}"#,
            #"{"_placeholder":[true],"num":9}"#,
            #"{"_placeholder":{"x":true},"num":9}"#, #"{"\\u005fplaceholder":true}"#, #"{"_placeholder\u0000":true}"#,
        ])
    func plainData(argument: String) throws {
        let packet = try #require(try decodedPacket("51-[\"m\",\(argument)]", attachments: [[1]]))
        for argument in packet.arguments {
            guard case .json = argument else {
                Issue.record("\(argument) is not an attachment")
                return
            }
        }
    }
}
