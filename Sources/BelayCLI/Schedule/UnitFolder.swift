import BelayArchive
import BelayBase
import Foundation
import Glibc
import SystemPackage

/// The folder that systemd reads units from, and those in it that belay has written.
struct UnitFolder {
  let path: String

  /// A unit as it is found there.
  struct Unit {
    let file: String
    let name: String
    let schedule: String
    let text: String
    /// It was changed after belay had written it.
    let isEdited: Bool
  }

  /// The first line of a unit is this, the schedule's name, and the digest of all that follows.
  private static let mark = "# Written by `belay schedule`: put changes into a drop-in (systemctl edit). "

  private static func digest(_ text: String) -> String { String(sha256(Array(text.utf8)).prefix(16)) }

  func file(_ name: String) -> String { path + "/" + name }

  /// - Returns: false: it is there already.
  /// - Throws: `.refused` where something else lies there, or one that was edited.
  func write(_ text: String, as name: String, of schedule: String) throws(BelayError) -> Bool {
    let whole = Self.mark + schedule + " " + Self.digest(text) + "\n" + text
    if let there = try read(name) {
      if there == whole { return false }
      guard let unit = Self.unit(there, file: file(name), name: name), unit.schedule == schedule else {
        throw BelayError(
          .refused, "\(file(name)) was not written by belay for this schedule", hint: "choose another name with --name",
          state: "it was not touched")
      }
      guard !unit.isEdited else {
        throw BelayError(
          .refused, "\(file(name)) was changed by hand",
          hint: "put what was changed into a drop-in (systemctl edit \(name)), remove the file, then install again",
          state: "it was not touched")
      }
    }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw BelayError(.failed, "cannot make the folder \(path)", causes: ["\(error.localizedDescription)"])
    }
    do throws(Errno) {
      try Durable.write(
        Data(whole.utf8), to: FilePath(file(name)), permissions: [.ownerReadWrite, .groupRead, .otherRead])
    } catch {
      throw BelayError(
        .failed, "cannot write \(file(name))",
        hint: error == .permissionDenied ? "call it as root, or with --user for the systemd of your own user" : nil,
        causes: [error.description])
    }
    return true
  }

  /// Those that belay has written for a schedule, or for any; by name.
  func units(of schedule: String?) throws(BelayError) -> [Unit] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    } catch {
      guard FileManager.default.fileExists(atPath: path) else { return [] }
      throw BelayError(.failed, "cannot read \(path)", causes: ["\(error.localizedDescription)"])
    }
    var units: [Unit] = []
    for name in names where name.hasPrefix("belay-") && (name.hasSuffix(".service") || name.hasSuffix(".timer")) {
      guard let text = try read(name), let unit = Self.unit(text, file: file(name), name: name) else { continue }
      if schedule == nil || unit.schedule == schedule { units.append(unit) }
    }
    return units
  }

  func remove(_ unit: Unit) throws(BelayError) {
    guard unlink(unit.file) == 0 || errno == ENOENT else {
      throw BelayError(.failed, "cannot remove \(unit.file)", causes: [Errno(rawValue: errno).description])
    }
  }

  private func read(_ name: String) throws(BelayError) -> String? {
    do {
      return try String(contentsOfFile: file(name), encoding: .utf8)
    } catch {
      guard FileManager.default.fileExists(atPath: file(name)) else { return nil }
      throw BelayError(.failed, "cannot read \(file(name))", causes: ["\(error.localizedDescription)"])
    }
  }

  private static func unit(_ text: String, file: String, name: String) -> Unit? {
    guard text.hasPrefix(mark), let end = text.firstIndex(of: "\n") else { return nil }
    let words = text[..<end].dropFirst(mark.count).split(separator: " ")
    guard words.count == 2 else { return nil }
    let rest = String(text[text.index(after: end)...])
    return Unit(
      file: file, name: name, schedule: String(words[0]), text: rest, isEdited: words[1] != digest(rest))
  }
}

extension UnitFolder.Unit {
  /// The value of the first line `key=`.
  func value(_ key: String) -> String? {
    text.split(separator: "\n").first { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) }
  }
}
