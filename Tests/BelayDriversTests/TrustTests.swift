import DriverTesting
import Foundation
import Testing

@testable import BelayDrivers

/// Modes on the way to a driver, PARENT/drivers/belay-driver-sound.so, and what they make of it.
struct Modes: Sendable, CustomTestStringConvertible {
  var parent = 0o755
  var folder = 0o755
  var file = 0o644
  /// What the operator is told; nil where the driver is trusted.
  var message: String?
  /// The cure, up to the path.
  var hint: String?
  var testDescription: String {
    [parent, folder, file].map { String($0, radix: 8) }.joined(separator: " ")
      + (message == nil ? " trusted" : " refused")
  }

  static let all = [
    Modes(),
    Modes(parent: 0o1777),
    Modes(parent: 0o1775),
    Modes(file: 0o555),
    Modes(file: 0o664, message: "belay-driver-sound.so can be written to by its group", hint: "chmod g-w "),
    Modes(file: 0o666, message: "belay-driver-sound.so can be written to by everybody", hint: "chmod go-w "),
    Modes(folder: 0o775, message: "drivers can be written to by its group", hint: "chmod g-w "),
    Modes(folder: 0o777, message: "drivers can be written to by everybody", hint: "chmod go-w "),
    Modes(folder: 0o1777, message: "its folder", hint: "chmod go-w "),
    Modes(parent: 0o777, message: "parent can be written to by everybody", hint: "chmod go-w "),
    Modes(parent: 0o770, message: "parent can be written to by its group", hint: "chmod g-w "),
  ]
}

@Suite("Trust in a driver's file")
struct TrustTests {
  private func place(_ modes: Modes = Modes(), in folder: TemporaryFolder) throws -> DriverSearch {
    _ = try folder.copy(
      BuiltDrivers.sound(), to: "parent/drivers/belay-driver-sound.so", mode: modes.file)
    try folder.setMode(modes.folder, of: "parent/drivers")
    try folder.setMode(modes.parent, of: "parent")
    return DriverSearch(paths: [folder("parent/drivers")], environment: [:], executable: "/nowhere/bin/belay")
  }

  private func refusal(_ search: DriverSearch) -> DriverLoadError? {
    do {
      _ = try search.load(named: "sound")
      return nil
    } catch {
      return error
    }
  }

  @Test("what others can write to is refused, with the command that cures it", arguments: Modes.all)
  func modes(modes: Modes) throws {
    let folder = try TemporaryFolder()
    let error = refusal(try place(modes, in: folder))
    guard let message = modes.message else {
      #expect(error == nil)
      return
    }
    let refused = try #require(error)
    #expect(refused.kind == .untrusted)
    #expect(refused.message.hasPrefix("driver sound is not trusted: "))
    #expect(refused.message.contains(message), "\(refused.message)")
    #expect(refused.hint?.hasPrefix(modes.hint ?? "") == true, "\(refused.hint ?? "no hint")")
  }

  @Test(
    "what belongs to somebody else is refused", .enabled(if: geteuid() == 0),
    arguments: ["parent", "parent/drivers", "parent/drivers/belay-driver-sound.so"])
  func owner(entry: String) throws {
    let folder = try TemporaryFolder()
    let search = try place(in: folder)
    try #require(chown(folder(entry), 12345, 0) == 0)
    let error = try #require(refusal(search))
    #expect(error.kind == .untrusted)
    #expect(error.message.contains("\(folder(entry)) belongs to user 12345"), "\(error.message)")
  }

  @Test("links are followed, and every step must satisfy the same rules")
  func links() throws {
    let folder = try TemporaryFolder()
    _ = try place(in: folder)
    try FileManager.default.createSymbolicLink(atPath: folder("link"), withDestinationPath: "parent/../parent")
    _ = try folder.folder("installed")
    try FileManager.default.createSymbolicLink(
      atPath: folder("installed/belay-driver-sound.so"), withDestinationPath: "../link/drivers/belay-driver-sound.so")
    let search = DriverSearch(paths: [folder("installed")], environment: [:], executable: "/nowhere/bin/belay")
    #expect(refusal(search) == nil)
    // Far from both the file and the place where it was found: whoever can replace the link in the middle can turn it.
    try folder.setMode(0o777, of: "parent")
    #expect(refusal(search)?.kind == .untrusted)
  }

  @Test("a link that somebody else owns is refused", .enabled(if: geteuid() == 0))
  func linkOwner() throws {
    let folder = try TemporaryFolder()
    _ = try place(in: folder)
    try FileManager.default.createSymbolicLink(atPath: folder("link"), withDestinationPath: "parent")
    try #require(lchown(folder("link"), 12345, 0) == 0)
    let error = refusal(DriverSearch(paths: [folder("link/drivers")], environment: [:], executable: "/n/bin/belay"))
    #expect(error?.message.contains("the link \(folder("link")) belongs to user 12345") == true)
  }

  @Test("links in a circle end in an error")
  func circle() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createSymbolicLink(
      atPath: folder("belay-driver-sound.so"), withDestinationPath: "belay-driver-sound.so")
    let error = refusal(DriverSearch(paths: [folder.path], environment: [:], executable: "/nowhere/bin/belay"))
    #expect(error?.message.contains("too many links") == true)
  }
}
