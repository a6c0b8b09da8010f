/// A first-in, first-out queue with amortized constant-time operations. An empty queue owns no heap memory.
///
/// Public for the project's own modules, and inlinable: the compiler does not specialize generic code with `package`
/// access in another module, and unspecialized code looks up the metadata of its types at each call.
@_spi(Collections)
public struct Queue<Element> {
    @usableFromInline var elements: [Element?] = []
    @usableFromInline var head = 0

    @inlinable public init() {}

    @inlinable public var count: Int { elements.count - head }
    @inlinable public var isEmpty: Bool { elements.isEmpty }
    @inlinable public var first: Element? { isEmpty ? nil : elements[head] }

    @inlinable
    public mutating func append(_ element: Element) {
        elements.append(element)
    }

    @inlinable
    public mutating func removeFirst() -> Element? {
        guard !isEmpty, let element = elements[head].take() else { return nil }
        head += 1
        if head == elements.count {
            elements = []
            head = 0
        } else if head > 32, head > elements.count / 2 {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Removes the elements that satisfy a condition. The others keep their order.
    @inlinable
    public mutating func removeAll(where isRemoved: (Element) -> Bool) {
        elements = elements[head...].filter { element in element.map { !isRemoved($0) } ?? false }
        head = 0
    }
}

extension Queue: Sendable where Element: Sendable {}
