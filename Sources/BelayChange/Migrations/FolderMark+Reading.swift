import BelayBase
import Foundation
import SystemPackage

extension FolderMark.Listing {
  /// What a folder contains, without what is hidden.
  package init(reading path: FilePath) throws(BelayError) {
    var files: [String] = []
    var folders: [String: [String]] = [:]
    for name in try Self.names(in: path) where !name.hasPrefix(".") {
      let inside = path.appending(name)
      if Self.isFolder(inside) {
        // What cannot be read has nothing to tell.
        folders[name] = (try? FileManager.default.contentsOfDirectory(atPath: inside.string)) ?? []
      } else {
        files.append(name)
      }
    }
    let parent = path.lexicallyNormalized().removingLastComponent()
    self.init(
      name: path.lexicallyNormalized().lastComponent?.string ?? "", files: files.sorted(), folders: folders,
      siblings: (try? FileManager.default.contentsOfDirectory(atPath: parent.string)) ?? [])
  }

  private static func names(in folder: FilePath) throws(BelayError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.string)
    } catch {
      throw BelayError(
        .notFound, "cannot read the migrations folder \(folder)", hint: "set it with --dir or in belay.yaml",
        state: "the database is untouched", causes: [error.localizedDescription])
    }
  }

  private static func isFolder(_ path: FilePath) -> Bool {
    var isFolder = ObjCBool(false)
    return FileManager.default.fileExists(atPath: path.string, isDirectory: &isFolder) && isFolder.boolValue
  }
}
