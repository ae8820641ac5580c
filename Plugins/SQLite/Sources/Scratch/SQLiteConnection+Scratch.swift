import BelayDriverKit
import CSQLite
import Glibc
import SQLiteDialect

extension DatabaseFile {
  /// A part of the name of every scratch database, so that no other file is ever removed.
  fileprivate static let scratchMark = ".belay-scratch-"

  /// Whether it is one of belay's scratch databases, by its name.
  var isScratch: Bool { name.contains(Self.scratchMark) }
}

extension SQLiteConnection: ScratchMaking {
  func createScratch(_ name: String, operation: Operation) throws(DriverFailure) -> String {
    try during(operation) { () throws(DriverFailure) in
      let path = try scratchPath(name)
      try ScratchFile.create(path)
      return "sqlite:" + path
    }
  }

  func locateScratch(_ name: String, operation: Operation) throws(DriverFailure) -> String {
    "sqlite:" + (try scratchPath(name))
  }

  func promoteScratch(_ url: String, operation: Operation) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      let scratch = try scratchFile(url, mayBeNew: false)
      try refuseTransaction("replacing the database")
      let moment = try LastMoment(of: live, in: scratch.path, "copying what is there")
      do throws(DriverFailure) {
        try replaceLive(
          withContentOf: scratch.path, operation, "putting the scratch copy in place", keeping: moment)
      } catch {
        // Where it is not known what has become of it, both stay; the host finds out what lies under the name.
        if error.outcome == .notApplied { try moment.giveBack() }
        throw error
      }
      try LastMoment.removeRest(of: scratch.path)
    }
  }

  func dropScratch(_ url: String, operation: Operation) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      let path = try scratchFile(url, mayBeNew: true).path
      try LastMoment.removeRest(of: path)
      try ScratchFile.remove(path)
    }
  }

  private func scratchFile(_ url: String, mayBeNew: Bool) throws(DriverFailure) -> DatabaseFile {
    let scratch = try DatabaseFile(url: url, mayBeNew: mayBeNew)
    guard scratch.isScratch else {
      throw DriverFailure(.invalid, "\(url) is not one of belay's scratch databases")
    }
    return scratch
  }

  private func scratchPath(_ name: String) throws(DriverFailure) -> String {
    let isSafe = name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"): true
      default: false
      }
    }
    guard isSafe, !name.isEmpty, name.utf8.count <= 100 else {
      throw DriverFailure(
        .invalid, "\(name) is not a valid name for a scratch database", hint: "use letters, digits and -")
    }
    guard let folder = settings.scratchDirectory else {
      return "\(file.folder == "/" ? "" : file.folder)/.\(file.name)\(DatabaseFile.scratchMark)\(name)"
    }
    let resolved = try DatabaseFile(absolutePath: folder, mayBeNew: false).path
    // Databases of equal names in different folders may share one scratch folder.
    return
      "\(resolved)/.\(file.name).\(String(Fingerprint(of: file.path).value, radix: 16))\(DatabaseFile.scratchMark)\(name)"
  }
}
