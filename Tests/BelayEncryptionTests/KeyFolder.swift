import BelayArchive
import BelayBase
import BelayEncryption
import CoreTesting
import Foundation
import SystemPackage
import Testing

/// A folder with key files, made by age-keygen and ssh-keygen.
final class KeyFolder {
  let folder = try? TemporaryFolder()
  var path: FilePath { folder?.path ?? FilePath("/nowhere") }

  /// Makes a key file.
  /// - Returns: its public key.
  @discardableResult
  func key(_ name: String) throws -> String {
    try run("age-keygen", "-o", name)
    return try run("age-keygen", "-y", name).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// - Returns: its public key, with its comment.
  func ssh(_ name: String, passphrase: String = "") throws -> String {
    try run("ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "ada@example.org", "-f", name)
    return try String(contentsOfFile: path.appending(name + ".pub").string, encoding: .utf8)
  }

  @discardableResult
  func run(_ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: path.string)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(arguments)")
    return String(decoding: data, as: UTF8.self)
  }

  func settings(_ recipients: [String], identities: [String] = []) -> EncryptionSettings {
    var settings = EncryptionSettings()
    settings.recipients = recipients
    settings.identityFiles = identities.map { path.appending($0).string }
    return settings
  }

  /// An archive with members of these sizes, encrypted.
  func archive(_ settings: EncryptionSettings, name: String = "a", sizes: [Int] = [0, 1, 5000]) throws -> FilePath {
    let staging = path.appending("staging-\(name)")
    try FileManager.default.createDirectory(atPath: staging.string, withIntermediateDirectories: true)
    let final = path.appending("\(name).tar")
    let writer = try ArchiveWriter(final: final, staging: staging, encryptor: try Keyring(settings).encryptor())
    for (number, size) in sizes.enumerated() {
      let member = try writer.member(MemberName.csv(TableName(name: "t\(number)")), kind: .csv)
      try Self.content(size).withUnsafeBytes { try member.write($0) }
      try member.finish()
    }
    let schema = try writer.member(MemberName.schema, kind: .schema)
    try schema.write("{}")
    try schema.finish()
    let target = TargetRecord(
      url: "sqlite:a.db", identity: "/a.db", driver: "sqlite", driverVersion: "1", driverSHA256: "",
      serverName: "SQLite",
      serverVersion: "3", databaseBytes: 0)
    _ = try writer.finish(
      Manifest(id: name, createdAt: "2026-11-20T14:30:22Z", belayVersion: "1", target: target))
    return final
  }

  static func content(_ size: Int) -> [UInt8] { (0..<size).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) } }
}

extension ArchiveReader {
  func bytes(_ member: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try read(member) { bytes += Array($0) }
    return bytes
  }
}
