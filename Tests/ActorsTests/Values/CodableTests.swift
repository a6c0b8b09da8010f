import Foundation
import Testing

@testable import Actors

/// `JSONEncoder` and `JSONDecoder` are the references.
@Suite("Codable types in JSON")
struct CodableTests {
    private static let person = CodedSamples.Person(name: "Ada", age: nil, tags: ["a\"b", "é"], scores: ["x": 0.1])

    @Test("a struct, an enum with values, dictionaries and optionals encode and decode as with JSONEncoder")
    func sameAsFoundation() throws {
        try expectSame(Self.person)
        try expectSame(CodedSamples.Person(name: "", age: .min))
        try expectSame([CodedSamples.Shape.point, .circle(radius: 1.5), .line(from: 1, to: -2)])
        try expectSame(CodedSamples.Shape.group([.group([], name: "in"), .point], name: nil))
        try expectSame(CodedSamples.Level.allCases)
        try expectSame(["a": CodedSamples.Level.low, "b": .high])
        try expectSame([1: "a", -7: "b"])
        try expectSame([CodedSamples.Code.first: [true], .second: []])
        try expectSame([CodedSamples.Level.low: 1])
        try expectSame([[Int?]]([[1, nil], [], [nil]]))
        try expectSame(["a": nil, "b": 2] as [String: Int?])
        try expectSame(CodedSamples.Empty())
        try expectSame([CodedSamples.Empty()])
        try expectSame(Set([5]))
        try expectSame(0..<10)
        try expectSame(CodedSamples.Interleaved())
        try expectSame(UUID())
        try expectSame([true, false])
    }

    @Test("a class that encodes its superclass under `super`, and one that shares its object, keep all properties")
    func classes() throws {
        let dog = try JSONText(encoding: CodedSamples.Dog(name: "Rex"))
        #expect(dog == ["super": ["legs": 4], "name": "Rex"])
        #expect(try dog.decode(CodedSamples.Dog.self).legs == 4)
        let bird = try JSONText(encoding: CodedSamples.Bird(wings: 2))
        #expect(bird == ["legs": 2, "wings": 2])
        let decoded = try bird.decode(CodedSamples.Bird.self)
        #expect(decoded.legs == 2 && decoded.wings == 2)
    }

    @Test("containers that are filled in turn keep the order of their creation")
    func interleaved() throws {
        let text = try JSONText(encoding: CodedSamples.Interleaved())
        #expect(
            text.description
                == #"{"outer":{"a":2,"b":null},"list":[null,{"b":true},[5],[7],"last"],"later":18446744073709551615,"#
                + #""own":170141183460469231731687303715884105727}"#)
    }

    @Test("members keep the order of encoding; the last of two members of one name counts")
    func memberOrder() throws {
        #expect(
            try JSONText(encoding: Self.person).description
                == #"{"name":"Ada","tags":["a\"b","é"],"scores":{"x":0.1}}"#)
        let text = try JSONText(validating: Array(#"{"tags":[],"name":"a","scores":{},"n\u0061me":"b"}"#.utf8))
        #expect(try text.decode(CodedSamples.Person.self).name == "b")
    }

    @Test("a value without any encoded part is an empty object")
    func empty() throws {
        #expect(try JSONText(encoding: CodedSamples.Empty()) == [:])
        #expect(try JSONText(encoding: [CodedSamples.Empty()]) == [[:]])
    }

    @Test("a type that encodes itself in two ways is an error")
    func misuse() {
        struct Twice: Encodable {
            func encode(to encoder: any Encoder) throws {
                var list = encoder.unkeyedContainer()
                try list.encode(1)
                _ = encoder.container(keyedBy: ValueKey.self)
            }
        }
        #expect(throws: EncodingError.self) { try JSONText(encoding: Twice()) }
        #expect(throws: EncodingError.self) { try JSONText(encoding: [Twice()]) }
    }

    @Test("encoders and decoders have the options' userInfo")
    func userInfo() throws {
        let key = try #require(CodingUserInfoKey(rawValue: "language"))
        struct Reader: Codable {
            let found: String?

            init() { found = nil }

            init(from decoder: any Decoder) throws { found = Self.language(decoder.userInfo) }

            func encode(to encoder: any Encoder) throws { try Self.language(encoder.userInfo).encode(to: encoder) }

            static func language(_ info: [CodingUserInfoKey: Any]) -> String? {
                info.first { $0.key.rawValue == "language" }?.value as? String
            }
        }
        let coding = ValueCoding(userInfo: [key: "sv"])
        #expect(try JSONText(encoding: Reader(), coding: coding) == "sv")
        #expect(try JSONText.null.decode(Reader.self, coding: coding).found == "sv")
        #expect(try JSONText.null.decode(Reader.self).found == nil)
    }

    /// Checks that this module and Foundation read what the other has written.
    private func expectSame<Value: Codable & Equatable>(
        _ value: Value, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let ours = try JSONText(encoding: value)
        let theirs = try JSONEncoder().encode(value)
        let text = try JSONText(validating: Array(theirs))
        #expect(try JSONDecoder().decode(Value.self, from: Data(ours.utf8)) == value, sourceLocation: sourceLocation)
        #expect(try text.decode(Value.self) == value, sourceLocation: sourceLocation)
        #expect(try ours.decode(Value.self) == value, sourceLocation: sourceLocation)
        #expect(ours.utf8.count == theirs.count, "\(ours) and \(text)", sourceLocation: sourceLocation)
    }
}
