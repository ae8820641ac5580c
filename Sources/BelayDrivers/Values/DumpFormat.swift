/// A form in which the engine dumps itself.
package struct DumpFormat: Sendable, Hashable {
  package var name: String
  /// Without a dot.
  package var fileExtension: String

  package init(name: String, fileExtension: String) {
    self.name = name
    self.fileExtension = fileExtension
  }
}
