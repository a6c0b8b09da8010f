/// A handler in a ``HandlerTable``.
struct HandlerEntry<Input: Sendable>: Sendable {
    enum Role {
        case handler
        /// Removed before its first call.
        case once
        /// If it throws, the remaining handlers of the event do not run.
        case check
    }

    let token: HandlerToken
    let handler: SocketHandler<Input>
    let role: Role
}
