/// A database that belay looks after, with all that is needed to open it. Goes from the front to the worker, and is written
/// nowhere.
package struct Target: Codable, Sendable, Equatable {
  /// The name in belay.yaml; nil for a bare URL.
  package var name: String?
  /// With `${ENV}` resolved: may hold a secret. Shown only through `redactedURL`.
  package var url: String
  /// Absolute: what a relative path in the URL starts from. The folder of belay.yaml for a name, the current one for a
  /// URL. The worker changes to it before it opens anything. nil: stay.
  package var folder: String?
  /// For the driver's open, e.g. `foreign_keys: off`.
  package var options: [String: String]

  package init(name: String? = nil, url: String, folder: String? = nil, options: [String: String] = [:]) {
    self.name = name
    self.url = url
    self.folder = folder
    self.options = options
  }
}

extension Target? {
  /// For work that opens a database.
  package func required() throws(BelayError) -> Target {
    if let self { return self }
    throw BelayError(.usage, "no target", hint: "give a URL, or a name from belay.yaml")
  }
}
