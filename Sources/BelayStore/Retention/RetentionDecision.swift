/// What is to become of one thing in the store, and why.
package struct RetentionDecision: Sendable, Equatable {
  package enum What: String, Codable, Sendable {
    case archive
    /// The journal, the report and the files of a run that has ended.
    case run
    /// A file that a run left behind that did not end well.
    case leftover
  }

  package var what: What
  /// The archive's or the run's id, or the file's name.
  package var id: String
  /// The name in belay.yaml, or the URL.
  package var target: String
  /// The target's URL without secrets.
  package var url: String
  /// The archive's kind, or the run's.
  package var kind: String
  /// In seconds; nil: not known.
  package var age: Int?
  package var bytes: UInt64
  package var isRemoved: Bool
  package var reasons: [String]
  /// It stays because a backup or a verification of its target has failed.
  package var isBlocked = false

  package init(
    _ what: What, id: String, target: String, url: String, kind: String, age: Int?, bytes: UInt64,
    isRemoved: Bool, reasons: [String]
  ) {
    self.what = what
    self.id = id
    self.target = target
    self.url = url
    self.kind = kind
    self.age = age
    self.bytes = bytes
    self.isRemoved = isRemoved
    self.reasons = reasons
  }

  /// - Parameter name: in belay.yaml, or the URL without secrets.
  package func isOf(_ name: String) -> Bool { name == target || name == url }
}
