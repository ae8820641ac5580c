import Foundation
import SystemPackage

extension Configuration {
  /// Names files, separated by colons, that are used where they are found, whoever can write to them.
  package static let trustVariable = "BELAY_TRUST_CONFIG"

  /// Reads a file that was found upward. Nobody has named it, and it says which programs run and where secrets go: so it is
  /// refused if somebody other than root and the user could have put it there.
  package static func readFound(_ file: String, environment: [String: String]) throws(BelayError) -> Configuration {
    let trusted = (environment[trustVariable] ?? "").split(separator: ":").map { absolute(String($0), from: "/") }
    let data: Data
    if trusted.contains(file) {
      data = try contents(file, trust: .anybody)
    } else {
      // The folders first: afterwards nobody else can exchange the file.
      try checkFolders(of: file)
      data = try contents(file, trust: .owners)
    }
    do {
      return try parse(data, file: file)
    } catch {
      throw error.asBelayError
    }
  }

  private static func contents(_ file: String, trust: RegularFile.Trust) throws(BelayError) -> Data {
    do throws(FileFlaw) {
      return try RegularFile.read(FilePath(file), most: mostBytes, trust: trust)
    } catch {
      guard error.errno == nil, error.cure != nil else {
        throw ConfigurationError(file: file, line: nil, message: error.text).asBelayError
      }
      throw refusal(of: file, "\(file) \(error.text)", cure: error.cure)
    }
  }

  /// The folder in which it was found and, where it is a link, the one to which that leads.
  private static func checkFolders(of file: String) throws(BelayError) {
    var status = stat()
    if lstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, let flaw = Ownership(status).ownerFlaw {
      throw refusal(of: file, "\(file) is a link that \(flaw.text)", cure: nil)
    }
    let real = URL(filePath: file).resolvingSymlinksInPath().path(percentEncoded: false)
    for folder in Set([file, real].map { FilePath($0).removingLastComponent().string }).sorted() {
      guard stat(folder, &status) == 0 else { continue }  // whoever reads the file learns why
      let ownership = Ownership(status)
      // In a sticky folder nobody can exchange what another owns, and the file's own owner is looked at too.
      guard let flaw = ownership.ownerFlaw ?? (ownership.isSticky ? nil : ownership.modeFlaw) else { continue }
      throw refusal(of: file, "the folder \(folder) of \(file) \(flaw.text)", cure: flaw.cure(for: folder))
    }
  }

  private static func refusal(of file: String, _ message: String, cure: String?) -> BelayError {
    BelayError(
      .refused, message,
      hint: "if you trust what it says: --config \(file), or export \(trustVariable)=\(file)"
        + (cure.map { "; to mend it: \($0)" } ?? ""),
      state: "nothing was done")
  }
}
