import BelayBase
import Foundation
import SystemPackage

/// `STORE/order`: which ids were given while the clock showed an earlier moment than a name that was there already.
///
/// A name begins with a moment, so names sort by age as long as the clock only goes forward. Where it was set back, the next
/// name would sort before what is older. For such an id one line says what it came after:
///
///     20260101T000000Z-shop 20261120T143022Z
///
/// An archive that is copied in has no line, and sorts by its own moment.
struct ArchiveOrder: Sendable {
  /// Where an id belongs: the moment of the newest name when it was given, then its line's number.
  struct Place: Comparable {
    let moment: String
    let line: Int

    static func < (a: Self, b: Self) -> Bool { (a.moment, a.line) < (b.moment, b.line) }
  }

  private let path: FilePath

  init(_ path: FilePath) { self.path = path }

  /// Gives an id its place behind all names that are there, if its own moment does not do that.
  /// - Parameter names: of the archives, with or without what follows the moment.
  func note(_ id: String, after names: [String]) throws(BelayError) {
    // Nearly always, and then nothing is written.
    if newest(before: id, names) == nil { return }
    do {
      let file = try FileDescriptor.open(
        path, .readWrite, options: [.create, .append, .noFollow, .closeOnExec], permissions: [.ownerReadWrite])
      defer { try? file.close() }  // what counts has been synced
      // Two runs may begin at once.
      while flock(file.rawValue, LOCK_EX) != 0 && errno == EINTR {}
      if let newest = newest(before: id, names) { try Durable.append(Data("\(id) \(newest)\n".utf8), to: file) }
    } catch {
      throw BelayError(.refused, "cannot write \(path)", hint: Durable.hint(for: error), causes: ["\(error)"])
    }
  }

  /// The newest moment there is, where the id would not sort behind it by its own.
  private func newest(before id: String, _ names: [String]) -> String? {
    let given = Set(read().values.map(\.moment))
    let own = Self.moment(id)
    guard let newest = given.union(names.map(Self.moment).filter(Self.isMoment)).max() else { return nil }
    // One with the same moment would sort before those whose place is that moment.
    return newest > own || newest == own && given.contains(newest) ? newest : nil
  }

  /// The places of those that have one.
  func read() -> [String: Place] {
    // Without the file, or if it cannot be read, names sort by their moments.
    guard let text = try? String(contentsOfFile: path.string, encoding: .utf8) else { return [:] }
    var places: [String: Place] = [:]
    for (index, line) in text.split(separator: "\n").enumerated() {
      let words = line.split(separator: " ").map(String.init)
      guard words.count == 2, Self.isMoment(words[1]) else { continue }
      places[words[0]] = Place(moment: words[1], line: index + 1)
    }
    return places
  }

  /// Oldest first. Those of one place keep their order.
  func sorted(_ archives: [ArchiveEntry]) -> [ArchiveEntry] {
    let places = read()
    guard !places.isEmpty else { return archives }
    return archives.enumerated().map { index, archive in
      (place: places[archive.id] ?? Place(moment: Self.moment(archive.id), line: 0), index: index, archive: archive)
    }.sorted { ($0.place, $0.index) < ($1.place, $1.index) }.map(\.archive)
  }

  private static func moment(_ id: String) -> String { String(id.prefix { $0 != "-" && $0 != "." }) }

  /// `20261120T143022Z`
  private static func isMoment(_ text: String) -> Bool { text.wholeMatch(of: #/\d{8}T\d{6}Z/#) != nil }
}
