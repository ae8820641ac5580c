/// A file that `belay new` writes.
package struct DraftedFile: Sendable, Equatable {
  /// In the migrations folder.
  package var path: String
  package var text: String
  /// It is there already, and is replaced as a whole: a tool's list of its files.
  package var replaces = false

  package init(_ path: String, _ text: String, replaces: Bool = false) {
    self.path = path
    self.text = text
    self.replaces = replaces
  }
}
