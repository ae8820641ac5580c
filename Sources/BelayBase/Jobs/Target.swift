/// A database that belay looks after.
package struct Target: Codable, Sendable, Equatable {
  /// The name in belay.yaml; nil for a bare URL.
  package var name: String?
  /// With `${ENV}` resolved: may hold a secret. Shown only through `redactedURL`.
  package var url: String
  /// Absolute: what a relative path in the URL starts from. The folder of belay.yaml for a name, the current one for a
  /// URL. The worker changes to it before it opens anything. nil: stay.
  package var folder: String?

  package init(name: String? = nil, url: String, folder: String? = nil) {
    self.name = name
    self.url = url
    self.folder = folder
  }
}
