import SQLiteDialect

/// Where a scratch database lies that is no database of the account's: a file in the host's folder for such, under the
/// database's own name. So its URL is the same in both cases, and whoever has the URL and the folder finds it.
struct StandInFile {
  let path: String
  let name: String

  /// nil where the name is none of a scratch database, or there is no folder: then there is no such file.
  init?(of name: String, in folder: String?) {
    guard let folder, folder.hasPrefix("/"), name.hasPrefix(ScratchName.mark), name.utf8.allSatisfy(isPlain) else {
      return nil
    }
    self.name = name
    path = "\(folder == "/" ? "" : folder)/\(name).sqlite"
  }

  var exists: Bool { SystemFile.size(of: path) != nil }
}
