/// Sessions on workers that share a port.
extension EngineServer: RoutedHandler {
    func routingKey(for head: HTTPRequestHead) -> SessionRouting.Key {
        // Any worker can answer a preflight request.
        guard head.method != .options else { return .none }
        let query = head.queryParameters
        guard let sid = query["sid"] else {
            // Other requests without a session are refused by whichever worker gets them.
            return head.method == .get && query["EIO"] == "4" ? .newSession : .none
        }
        guard let id = SessionID(sid), sessions[id] == nil else { return .none }
        return .session(id)
    }
}
