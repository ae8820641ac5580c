import BelayDrivers

extension Session {
  /// belay's own, of this run or another: drivers name their connections so.
  package var isBelay: Bool { application == "belay" || application?.hasPrefix("belay ") == true }

  /// One line, without the statement: it may hold what is nobody's business.
  package var line: String {
    let name = application.flatMap { $0.isEmpty ? nil : $0 } ?? "session \(id)"
    let details = [user.map { "user \($0)" }, state, since.map { "since \($0)" }]
      .compactMap(\.self).filter { !$0.isEmpty }
    let text = details.isEmpty ? name : "\(name) (\(details.joined(separator: ", ")))"
    return text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
