import BelayArchive
import BelayBase
import Foundation
import SystemPackage

/// By what a store knows its own archives: 32 random bytes that never leave it.
struct SigningKey {
  private static let length = 32
  let bytes: [UInt8]

  /// nil: this store has made no archive yet.
  init?(_ path: FilePath) throws(FileFlaw) {
    do throws(FileFlaw) {
      bytes = Array(try RegularFile.read(path, most: 4096, trust: .secret))
    } catch {
      if error.isMissing { return nil }
      throw error
    }
    guard bytes.count == Self.length else {
      throw FileFlaw("is not a key: it has \(bytes.count) bytes, not \(Self.length)")
    }
  }

  /// The store's key, made where there is none. Several processes may do it at once: the first one counts.
  static func made(at path: FilePath) throws(FileFlaw) -> SigningKey {
    if let key = try SigningKey(path) { return key }
    var random = SystemRandomNumberGenerator()
    let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    let partial = path.removingLastComponent().appending(".key-\(UUID().uuidString)")
    defer { unlink(partial.string) }  // gone where it got its name
    do throws(Errno) {
      try Durable.write(Data(bytes), to: partial)
    } catch {
      throw FileFlaw("cannot be made: \(error)", errno: error)
    }
    var taken: ArchiveError?
    do throws(ArchiveError) { try ArchiveWriter.publish(partial, as: path) } catch { taken = error }
    if let key = try SigningKey(path) { return key }
    throw FileFlaw("cannot be made\(taken.map { ": \($0.message)" } ?? "")")
  }
}
