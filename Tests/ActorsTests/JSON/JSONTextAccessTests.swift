import Testing

@testable import Actors

@Suite("JSON text: literals and subscripts")
struct JSONTextAccessTests {
    @Test("literals are the JSON values of the same kind")
    func literals() {
        let name = "Ada"
        let text: JSONText = [
            "b": "Hello, \(name)", "a": [1, -2, 2.5, 1.0, true, false, nil], "empty": [], "none": [:],
        ]
        #expect(
            text.description
                == #"{"b":"Hello, Ada","a":[1,-2,2.5,1,true,false,null],"empty":[],"none":{}}"#)
        let null: JSONText = nil
        #expect(null == .null)
        let missing: JSONText? = nil
        #expect(missing == nil)
    }

    @Test("subscripts follow names and positions without a question mark between them")
    func subscripts() {
        let text: JSONText = ["users": [["name": "Ada", "age": 36], ["name": nil]], "count": 2]
        #expect(text["users"][0]["name"]?.string == "Ada")
        #expect(text["users"]?[0]?["age"]?.integer == 36)
        #expect(text["users"][1]["name"] == JSONText.null)
        #expect(text["users"][1]["name"] != nil)
        #expect(text["users"][1]["age"] == nil)
        #expect(text["users"][2] == nil)
        #expect(text["users"][-1] == nil)
        #expect(text["users"]["name"] == nil)
        #expect(text[0] == nil)
        #expect(text["count"][0]["x"] == nil)
        let absent: JSONText? = nil
        #expect(absent["token"]?.string == nil)
    }

    @Test("members have decoded names, in the order of the text, with repeated ones")
    func members() throws {
        let text = try JSONText(validating: Array(#" { "b\u0061" : [1, 2] , "" : {"x":1},"a":2,"a":3}"#.utf8))
        let members = try #require(text.members)
        #expect(members.map(\.name) == ["ba", "", "a", "a"])
        #expect(members.map(\.value.description) == ["[1, 2]", #"{"x":1}"#, "2", "3"])
        #expect(JSONText(object: []).members?.count == 0)
        #expect(JSONText(string: "{}").members?.count == nil)
        #expect(JSONText.null.members?.count == nil)
    }

    @Test("a number is read as Double from any notation", arguments: [("1e2", 100), ("-0.5", -0.5), ("7", 7)])
    func numbers(text: String, value: Double) throws {
        let json = try JSONText(validating: Array(text.utf8))
        #expect(json.number == value)
        #expect(JSONText(string: text).number == nil)
    }
}
