extension Socket {
    /// A value of a type of the application that is attached to the socket (`socket.user = …` in Node); nil if there
    /// is none of this type: `socket[User.self] = user`.
    ///
    /// The value stays in this process. It is not a part of the session, so a resumed session starts without it; use
    /// ``setData(_:)`` for what must be recovered, or read on other workers. Middleware may set it. It is released
    /// after the disconnect handlers.
    public subscript<Value: Sendable>(type: Value.Type) -> Value? {
        get { localValues?[ObjectIdentifier(type)] as? Value }
        set { localValues?[ObjectIdentifier(type)] = newValue }
    }
}
