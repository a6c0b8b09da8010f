/// Types that use each feature of `Codable`.
enum CodedSamples {
    struct Person: Codable, Equatable {
        var name: String
        var age: Int?
        var tags: [String] = []
        var scores: [String: Double] = [:]
    }

    enum Shape: Codable, Equatable {
        case point
        case circle(radius: Double)
        case line(from: Int, to: Int)
        indirect case group([Shape], name: String?)
    }

    enum Level: String, Codable, CaseIterable { case low, high }
    enum Code: Int, Codable, CodingKeyRepresentable {
        case first = 1
        case second
    }

    struct Empty: Codable, Equatable {}

    class Animal: Codable {
        var legs: Int

        init(legs: Int) { self.legs = legs }
    }

    /// Encodes its superclass under the key `super`.
    final class Dog: Animal {
        var name: String

        private enum CodingKeys: String, CodingKey { case name }

        init(name: String) {
            self.name = name
            super.init(legs: 4)
        }

        required init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            name = try container.decode(String.self, forKey: .name)
            try super.init(from: container.superDecoder())
        }

        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try super.encode(to: container.superEncoder())
            try container.encode(name, forKey: .name)
        }
    }

    /// Shares one object with its superclass.
    final class Bird: Animal {
        var wings: Int

        private enum CodingKeys: String, CodingKey { case wings }

        init(wings: Int) {
            self.wings = wings
            super.init(legs: 2)
        }

        required init(from decoder: any Decoder) throws {
            wings = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .wings)
            try super.init(from: decoder)
        }

        override func encode(to encoder: any Encoder) throws {
            try super.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(wings, forKey: .wings)
        }
    }

    /// Fills several nested containers in turn, and encoders of elements after other elements.
    struct Interleaved: Codable, Equatable {
        private enum CodingKeys: String, CodingKey { case outer, list, later, own }
        private enum InnerKeys: String, CodingKey { case a, b }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            var outer = container.nestedContainer(keyedBy: InnerKeys.self, forKey: .outer)
            var list = container.nestedUnkeyedContainer(forKey: .list)
            let later = container.superEncoder(forKey: .later)
            try outer.encode(1, forKey: .a)
            try list.encodeNil()
            var inner = list.nestedContainer(keyedBy: InnerKeys.self)
            var innerList = list.nestedUnkeyedContainer()
            let element = list.superEncoder()
            try list.encode("last")
            try inner.encode(true, forKey: .b)
            try innerList.encode(5)
            try [7].encode(to: element)
            try outer.encodeNil(forKey: .b)
            var single = later.singleValueContainer()
            try single.encode(UInt64.max)
            var again = container.nestedContainer(keyedBy: InnerKeys.self, forKey: .outer)
            try again.encode(2, forKey: .a)
            try container.encode(Int128.max, forKey: .own)
        }

        init() {}

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let outer = try container.nestedContainer(keyedBy: InnerKeys.self, forKey: .outer)
            var list = try container.nestedUnkeyedContainer(forKey: .list)
            try require(outer.decode(Int.self, forKey: .a) == 2, container)
            try require(outer.decodeNil(forKey: .b), container)
            try require(list.count == 5 && list.decodeNil() && list.currentIndex == 1, container)
            let inner = try list.nestedContainer(keyedBy: InnerKeys.self)
            try require(inner.allKeys == [.b] && inner.decode(Bool.self, forKey: .b), container)
            var innerList = try list.nestedUnkeyedContainer()
            try require(innerList.decode(Int.self) == 5 && innerList.isAtEnd, container)
            try require([Int](from: list.superDecoder()) == [7], container)
            try require(!list.decodeNil() && list.decode(String.self) == "last" && list.isAtEnd, container)
            try require(UInt64(from: container.superDecoder(forKey: .later)) == .max, container)
            try require(container.decode(Int128.self, forKey: .own) == .max, container)
        }

        private func require(
            _ condition: Bool, _ container: KeyedDecodingContainer<CodingKeys>, line: UInt = #line
        ) throws {
            guard condition else {
                throw DecodingError.dataCorruptedError(forKey: .own, in: container, debugDescription: "line \(line)")
            }
        }
    }
}
