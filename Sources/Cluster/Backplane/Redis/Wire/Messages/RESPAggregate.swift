/// An aggregate whose elements have not all arrived.
struct RESPAggregate {
    let kind: RESPKind
    /// The number of elements that have not arrived.
    private(set) var missing: Int
    /// The elements that have arrived. Their number is not reserved, because a server could announce any.
    private(set) var elements: [RESPValue] = []

    init(_ kind: RESPKind, missing: Int) {
        self.kind = kind
        self.missing = missing
    }

    mutating func append(_ element: RESPValue) {
        elements.append(element)
        missing -= 1
    }
}
