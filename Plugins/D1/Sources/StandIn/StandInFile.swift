import SQLiteDialect

/// The file of a scratch database that is not in the account: in the host's scratch folder, under the database's own
/// name. So its URL is the same in both cases, and the URL and the folder are enough to find it.
struct StandInFile {
  let path: String
  let name: String

  /// nil if the name is not that of a scratch database, or there is no folder: then there is no such file.
  init?(of name: String, in folder: String?) {
    guard let folder, folder.hasPrefix("/"), name.hasPrefix(ScratchName.mark), name.utf8.allSatisfy(isPlain) else {
      return nil
    }
    self.name = name
    path = "\(folder == "/" ? "" : folder)/\(name).sqlite"
  }

  var exists: Bool { SystemFile.size(of: path) != nil }
}
