import Actors

/// What the operator lets a client know before its end: the argument of the event `disconnect reason`.
package struct EndNotice: Equatable, Sendable {
    let reason: String
    /// The end of a ban, in milliseconds since 1970.
    let until: Int?

    package init(reason: String, until: Int? = nil) {
        self.reason = reason
        self.until = until
    }

    package var json: JSONText {
        let until = until.map { [("until", JSONText(integer: $0))] } ?? []
        return JSONText(object: [("reason", JSONText(string: reason))] + until)
    }

    /// - Returns: nil for anything but what ``json`` returns.
    init?(_ value: JSONText) {
        guard let reason = value["reason"]?.string else { return nil }
        self.init(reason: reason, until: value["until"]?.integer)
    }
}
