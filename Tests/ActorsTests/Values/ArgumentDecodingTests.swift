import Testing

@testable import Actors

@Suite("Decoding arguments")
struct ArgumentDecodingTests {
    private struct User: Codable, Equatable {
        var name: String
        var ages: [Int]
        var friend: [String: UInt8]?
    }

    @Test("values of several types are encoded in order and decode to the same values")
    func roundTrip() throws {
        let user = User(name: "Ada", ages: [1, 2])
        let arguments = try Arguments(encoding: "text", 7, user, Int?.none, true)
        #expect(
            String(decoding: arguments.slice, as: UTF8.self) == #""text",7,{"name":"Ada","ages":[1,2]},null,true"#)
        #expect(arguments.count == 5)
        let decoded = try arguments.decode(String.self, Int.self, User.self, Int?.self, Bool?.self)
        #expect(decoded == ("text", 7, user, nil, true))
        let name: String = try arguments.decode(at: 0)
        #expect(name == "text")
    }

    @Test("an absent or null argument is nil for an Optional; more arguments than types are ignored")
    func absent() throws {
        let arguments = try Arguments(slice: Array("null, 1".utf8))
        #expect(try arguments.decode(String?.self, at: 0) == nil)
        #expect(try arguments.decode(Int?.self, at: 1) == 1)
        #expect(try arguments.decode(Int?.self, at: 2) == nil)
        #expect(try arguments.decode(User?.self, at: 9) == nil)
        #expect(try arguments.decode(JSONText.self, at: 0) == .null)
        #expect(try arguments.decode(Int?.self, Int.self, Int?.self) == (nil, 1, nil))
        #expect(try Arguments().decode(Int?.self) == nil)
    }

    @Test("encoded arguments equal those that are built from JSON")
    func sameAsBuilt() throws {
        #expect(try Arguments(encoding: 1, "x") == [.json(1), .json("x")])
        #expect(try Arguments(encoding: Argument.binary([1]), JSONText.null) == [.binary([1]), .json(nil)])
    }

    @Test(
        "an error names the position, the path, the expected type and the value",
        arguments: [
            ("", "argument 0: expected User, found nothing"),
            ("1", "argument 0: expected an object, found the number 1"),
            ("null", "argument 0: expected an object, found null"),
            (#"{"ages":[]}"#, "argument 0, name: expected String, found nothing"),
            (#"{"name":true,"ages":[]}"#, "argument 0, name: expected String, found true"),
            (#"{"name":"a","ages":{}}"#, "argument 0, ages: expected an array, found an object"),
            (#"{"name":"a","ages":[1,"2"]}"#, "argument 0, ages[1]: expected Int, found a string"),
            (#"{"name":"a","ages":[1.5]}"#, "argument 0, ages[0]: expected Int, found the number 1.5"),
            (#"{"name":"a","ages":[null]}"#, "argument 0, ages[0]: expected Int, found null"),
            (#"{"name":"a","ages":[[]]}"#, "argument 0, ages[0]: expected Int, found an array"),
            (
                #"{"name":"a","ages":[],"friend":{"b":256}}"#,
                "argument 0, friend.b: expected UInt8, found the number 256"
            ),
            (
                #"{"name":"a","ages":[1\#(String(repeating: "0", count: 99))]}"#,
                "argument 0, ages[0]: expected Int, found a number of 100 characters"
            ),
        ])
    func errors(slice: String, description: String) throws {
        let arguments = try Arguments(slice: Array(slice.utf8))
        let error = try #require(throws: ArgumentError.self) { try arguments.decode(User.self, at: 0) }
        #expect(error.description == description)
        #expect(error.position == 0)
        #expect(description.hasSuffix(error.reason))
        #expect(error.codingPath.isEmpty == !description.contains(", ") || slice.isEmpty || !slice.hasPrefix("{"))
    }

    @Test("the error of a later argument has its position")
    func position() throws {
        let arguments = try Arguments(encoding: "a", [1])
        let error = try #require(throws: ArgumentError.self) { try arguments.decode(String.self, [String].self) }
        #expect(error.description == "argument 1, [0]: expected String, found the number 1")
    }

    @Test("an attachment is named in the error")
    func attachment() throws {
        let arguments = try Arguments(encoding: ["file": [UInt8]([1])])
        let error = try #require(throws: ArgumentError.self) { try arguments.decode([String: User].self, at: 0) }
        #expect(error.description == "argument 0, file: expected an object, found an attachment")
    }

    @Test("an array that ends early is an error of the missing element")
    func shortArray() throws {
        struct Pair: Decodable {
            init(from decoder: any Decoder) throws {
                var container = try decoder.unkeyedContainer()
                _ = try (container.decode(Int.self), container.decode(Int.self))
            }
        }
        let error = try #require(throws: ArgumentError.self) {
            try Arguments(encoding: [[1]]).decode([Pair].self, at: 0)
        }
        #expect(error.description == "argument 0, [0][1]: expected Int, found nothing")
    }

    @Test("an error of the application's own decoding is passed on")
    func ownError() throws {
        struct Refused: Error {}
        struct Refusing: Decodable {
            init(from decoder: any Decoder) throws { throw Refused() }
        }
        #expect(throws: Refused.self) { try Arguments(encoding: 1).decode(Refusing.self, at: 0) }
    }

    @Test("an encoding error has the position and the path")
    func encodingError() throws {
        let error = try #require(throws: EncodingError.self) { try Arguments(encoding: 1, ["a": [Double.nan]]) }
        guard case .invalidValue(_, let context) = error else {
            Issue.record("unexpected error \(error)")
            return
        }
        #expect(context.codingPath.map(\.stringValue) == ["Index 1", "a", "Index 0"])
    }
}
