import BelayBase
import BelayProcess
import Foundation
import SystemPackage

/// For whom archives are encrypted: public keys, from belay.yaml, from options and from files.
struct Recipients: Sendable {
  /// As age writes them, without comments.
  let keys: [String]

  private static let mostBytes = 1 << 20

  /// Reads the files, and lets age look at each key.
  /// - Throws: `.usage` where age does not know one, `.notFound` or `.refused` where a file cannot be read.
  init(_ settings: EncryptionSettings, _ age: AgeProgram) throws(BelayError) {
    var found: [(key: String, place: String)] = []
    for text in settings.recipients { try Self.add(text, "", to: &found) }
    for file in settings.recipientsFiles {
      let before = found.count
      let lines = try Self.text(of: file).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      for (number, line) in lines.enumerated() {
        try Self.add(String(line), "\(file), line \(number + 1): ", to: &found)
      }
      guard found.count > before else {
        throw BelayError(
          .usage, "\(file) contains no recipient", hint: "write one public key in each line", state: "nothing was done")
      }
    }
    var keys: [String] = []
    for (key, place) in found where !keys.contains(key) {
      try Self.check(key, place, age)
      keys.append(key)
    }
    self.keys = keys
  }

  /// What `age -R` reads.
  var file: MemoryFile {
    get throws(BelayError) { try MemoryFile(holding: keys.joined(separator: "\n") + "\n") }
  }

  private static func add(
    _ line: String, _ place: String, to found: inout [(key: String, place: String)]
  ) throws(BelayError) {
    let words = line.split(whereSeparator: \.isWhitespace)
    guard let first = words.first, !first.hasPrefix("#") else { return }
    // It would be shown, and written into every manifest.
    guard !first.uppercased().contains("SECRET-KEY"), !first.hasPrefix("-----") else {
      throw BelayError(
        .usage, "\(place)this is a private key, and a recipient is a public one",
        hint: "`age-keygen -y FILE` prints the public key of a key file", state: "nothing was done")
    }
    // What follows an SSH key is its comment.
    found.append((words.prefix(first.hasPrefix("ssh-") ? 2 : words.count).joined(separator: " "), place))
  }

  private static func check(_ key: String, _ place: String, _ age: AgeProgram) throws(BelayError) {
    let (outcome, _) = try age.run(["-e"], [.init(option: "-R", file: try MemoryFile(holding: key + "\n"))])
    guard outcome.succeeded, outcome.messages.isEmpty else {
      throw BelayError(
        .usage, "\(place)\(key.prefix(100).debugDescription) is no recipient that age can encrypt to",
        hint: "a recipient is a public key: age1…, ssh-ed25519 … or ssh-rsa …", state: "nothing was done",
        causes: [outcome.reason])
    }
  }

  private static func text(of file: String) throws(BelayError) -> String {
    do throws(FileFlaw) {
      let text = String(decoding: try RegularFile.read(FilePath(file), most: mostBytes), as: UTF8.self)
      // Some editors begin a file with a mark of its encoding.
      return text.first == "\u{FEFF}" ? String(text.dropFirst()) : text
    } catch {
      throw BelayError(.refused, "the recipients file \(file) \(error.text)", state: "nothing was done")
    }
  }
}

extension MemoryFile {
  convenience init(holding text: String) throws(BelayError) {
    do throws(ProcessStart.Failure) {
      try self.init(Array(text.utf8))
    } catch {
      throw BelayError(.failed, "cannot keep keys in memory: \(error.reason)", state: "nothing was changed")
    }
  }
}
