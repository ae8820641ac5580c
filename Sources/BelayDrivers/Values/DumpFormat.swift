/// A form in which the engine dumps itself.
package struct DumpFormat: Sendable, Hashable {
  package var name: String
  /// Without a dot.
  package var fileExtension: String
  /// Compressed already: it lies in the archive as it is.
  package var isStored: Bool

  package init(name: String, fileExtension: String, isStored: Bool = false) {
    self.name = name
    self.fileExtension = fileExtension
    self.isStored = isStored
  }
}
