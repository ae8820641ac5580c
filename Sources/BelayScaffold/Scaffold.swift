import CScaffold
import Foundation

/// The folder with which the author of a driver begins: the example for a language, with the driver's own name.
package struct Scaffold: Sendable {
  /// The languages for which there are examples.
  package enum Language: String, CaseIterable, Sendable {
    case c, rust, swift

    /// The name of the example.
    fileprivate var exampleName: String {
      switch self {
      case .c: "minimal"
      case .rust: "minimal-rust"
      case .swift: "minimal-swift"
      }
    }

    /// Its drivers are built with belay's sources, for the kit.
    fileprivate var usesKit: Bool { self == .swift }

    /// The path of belay's sources, as the example contains it; nil: it does without.
    fileprivate var exampleSources: String? {
      switch self {
      case .c: "../../../Sources/CBelayDriver"
      case .rust: nil
      case .swift: "../../.."
      }
    }
  }

  /// The NAME of belay-driver-NAME.so, and its URLs' scheme.
  package let name: String
  package let language: Language
  /// The path of what the new folder needs of belay: for C, a folder written into it; for Swift, the given folder.
  private let sources: String

  /// - Parameter kit: the folder of belay's sources, for languages whose drivers use the kit.
  package init(name: String, language: Language, kit: String?) throws(ScaffoldError) {
    guard Scaffold.isName(name) else { throw .oddName(name) }
    if let kit, !language.usesKit { throw .needsNoKit(kit) }
    if let kit, !FileManager.default.fileExists(atPath: kit + "/Sources/BelayDriverKit") { throw .noKit(kit) }
    self.name = name
    self.language = language
    sources = language.usesKit ? kit ?? "../belay" : "abi"
  }

  /// The new folder's name.
  package var folderName: String { "belay-driver-\(name)" }

  /// Its files, by their paths in it.
  package func files() -> [(path: String, text: String)] {
    var files: [(path: String, text: String)] = []
    var file = scaffold_files()
    while let each = file?.pointee, let of = each.language, let path = each.path, let bytes = each.bytes {
      if String(cString: of) == language.rawValue {
        let text = String(
          decoding: UnsafeRawBufferPointer(start: bytes, count: Int(each.count)), as: UTF8.self)
        files.append((renamed(String(cString: path)), renamed(text)))
      }
      file = file?.successor()
    }
    return files
  }

  /// Creates the folder in another one. If the name is taken, it fails and changes nothing.
  /// - Returns: the new folder's path.
  package func write(into parent: String) throws(ScaffoldError) -> String {
    let folder = parent + "/" + folderName
    // Nobody else may write to it: otherwise belay would refuse to load a driver from it.
    guard mkdir(folder, 0o755) == 0 else {
      throw errno == EEXIST ? .exists(folder) : .notWritten(folder, String(cString: strerror(errno)))
    }
    do {
      for (path, text) in files() {
        let file = URL(filePath: folder + "/" + path)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true,
          attributes: [.posixPermissions: 0o755])
        try Data(text.utf8).write(to: file)
      }
    } catch {
      // It was created a moment ago, and contains nothing else. If it cannot be removed, that does no harm.
      try? FileManager.default.removeItem(atPath: folder)
      throw .notWritten(folder, error.localizedDescription)
    }
    return folder
  }

  private func renamed(_ text: String) -> String {
    let moved = language.exampleSources.map { text.replacing($0, with: sources) } ?? text
    return moved.replacing(language.exampleName, with: name)
  }

  /// Valid both in a file name and as a URL scheme: letters and digits, with single dashes between.
  private static func isName(_ name: String) -> Bool {
    name.utf8.count <= 40 && name.wholeMatch(of: /[a-z][a-z0-9]+(-[a-z0-9]+)*/) != nil
  }
}
