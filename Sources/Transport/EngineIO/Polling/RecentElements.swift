/// The last elements of a sequence, oldest first.
struct RecentElements<Element: Equatable> {
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

    /// Appends an element. At capacity, the oldest element is removed.
    mutating func append(_ element: Element) {
        if elements.count == capacity { elements.removeFirst() }
        elements.append(element)
    }
}
