import BelayRows

/// Another client's session; nil for unknown properties.
public struct Session: Sendable, Hashable {
  /// The id by which it can be ended.
  public var id: String
  /// The user.
  public var user: String?
  /// The program's name.
  public var application: String?
  /// When it was opened, ISO 8601.
  public var since: String?
  /// Its state, e.g. "idle".
  public var state: String?
  /// The statement that it is running.
  public var statement: String?

  /// A session with its known properties.
  public init(
    id: String, user: String? = nil, application: String? = nil, since: String? = nil, state: String? = nil,
    statement: String? = nil
  ) {
    self.id = id
    self.user = user
    self.application = application
    self.since = since
    self.state = state
    self.statement = statement
  }
}

extension Session: TableRow {
  package static let columns = ["id", "user", "application", "since", "state", "statement"]

  package var row: [Value] { [.text(id)] + [user, application, since, state, statement].map { Value($0) } }

  package init?(row: [Value]) {
    guard row.count == Self.columns.count, let id = row[0].text else { return nil }
    self.init(
      id: id, user: row[1].text, application: row[2].text, since: row[3].text, state: row[4].text,
      statement: row[5].text)
  }
}
