/// The last few elements of a sequence, the oldest first.
struct LastFew<Element: Equatable> {
    private let capacity: Int
    private var elements: [Element] = []

    init(capacity: Int) {
        self.capacity = capacity
    }

    var isEmpty: Bool { elements.isEmpty }

    func contains(_ element: Element) -> Bool {
        elements.contains(element)
    }

    func contains(where predicate: (Element) -> Bool) -> Bool {
        elements.contains(where: predicate)
    }

    /// Of more than the capacity, the oldest is forgotten.
    mutating func append(_ element: Element) {
        if elements.count == capacity { elements.removeFirst() }
        elements.append(element)
    }
}
