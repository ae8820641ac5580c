import Foundation

/// The files and folders that a word may become which names a migration.
enum SQLFiles {
  /// - Parameter typed: the beginning of a path.
  static func beginning(with typed: String) -> [String] {
    let folder = typed.lastIndex(of: "/").map { String(typed[...$0]) } ?? ""
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
    return names.sorted().compactMap { name in
      guard !name.hasPrefix(".") else { return nil }
      if name.hasSuffix(".sql") { return folder + name }
      var isFolder: ObjCBool = false
      let isThere = FileManager.default.fileExists(atPath: folder + name, isDirectory: &isFolder)
      return isThere && isFolder.boolValue ? folder + name + "/" : nil
    }
  }
}
