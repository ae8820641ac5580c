import BelayRows
import Crypto
import Glibc

/// A driver's file, checked and kept open. The file that was checked is the one that is loaded: only root and the user
/// could replace it (see `TrustedPath`), and `isUnchanged` notices if one of them did.
final class DriverFile: Sendable {
  let name: String
  /// The path as the search found it.
  let path: String
  /// The path without links, for the loader.
  let realPath: String
  // Kept open while the object lives, so that the digest is that of the file that was loaded, even if an upgrade has
  // replaced it.
  private let descriptor: Int32
  private let identity: Identity
  /// What the record says about this file; nil if nothing was recorded.
  let entry: DriverRecord.Entry?

  /// Identifies a state of a file.
  private struct Identity: Equatable, Sendable {
    let device, inode, size, modified, modifiedNanoseconds, changed, changedNanoseconds: Int

    init(_ status: stat) {
      device = Int(truncatingIfNeeded: status.st_dev)
      inode = Int(truncatingIfNeeded: status.st_ino)
      size = Int(status.st_size)
      modified = status.st_mtim.tv_sec
      modifiedNanoseconds = status.st_mtim.tv_nsec
      changed = status.st_ctim.tv_sec
      changedNanoseconds = status.st_ctim.tv_nsec
    }
  }

  /// Refuses a file that others could have written, that is not for this machine, that is not the one that was
  /// installed, or that lacks a required signature. Runs none of its code.
  init(name: String, path: String, keys: DriverKeys = .none) throws(DriverLoadError) {
    func refusal(_ kind: DriverLoadError.Kind, _ message: String, hint: String? = nil) -> DriverLoadError {
      DriverLoadError(kind, name: name, path: path, message: message, hint: hint)
    }
    do {
      realPath = try TrustedPath.resolve(path)
    } catch {
      switch error.reason {
      case .untrusted(let what): throw refusal(.untrusted, "driver \(name) is not trusted: \(what)", hint: error.hint)
      case .unreachable(let what): throw refusal(.notLoadable, "driver \(name) cannot be read: \(what)")
      }
    }
    let descriptor = open(realPath, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw refusal(.notLoadable, "driver \(name) cannot be read: \(path): \(String(errorNumber: errno))")
    }
    do throws(DriverLoadError) {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else {
        throw refusal(.notLoadable, "driver \(name) cannot be read: \(path): \(String(errorNumber: errno))")
      }
      // Checks again, on the open file: it could have been replaced since the path was checked.
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw refusal(.notLoadable, "driver \(name) is not a file: \(path)")
      }
      if let flaw = Ownership(status).flaw {
        throw refusal(.untrusted, "driver \(name) is not trusted: \(path) \(flaw.text)", hint: flaw.hint(for: realPath))
      }
      if let flaw = ELFHeader.flaw(ofDescriptor: descriptor) {
        throw refusal(.notLoadable, "driver \(name) cannot be loaded: \(path) \(flaw)")
      }
      entry = try Self.recorded(descriptor, name: name, path: path)
      _ = try Self.signer(
        ofDescriptor: descriptor, name: name, path: path, recorded: entry?.signature, keys: keys, alwaysLooks: false)
      identity = Identity(status)
    } catch {
      Glibc.close(descriptor)
      throw error
    }
    self.name = name
    self.path = path
    self.descriptor = descriptor
  }

  deinit { Glibc.close(descriptor) }

  /// The path still leads to the file that was checked, and nobody has written to it.
  var isUnchanged: Bool {
    var now = stat()
    return stat(realPath, &now) == 0 && Identity(now) == identity
  }

  /// 64 hex digits, of the file that was checked; empty if it can no longer be read. Reads the whole file, unless the
  /// digest has already been compared with a record.
  func sha256() -> String { entry?.sha256 ?? FileDigest.sha256(descriptor) }

  /// Who has signed it; nil if it has no signature.
  func signer(keys: DriverKeys) throws(DriverLoadError) -> DriverSigner? {
    try Self.signer(
      ofDescriptor: descriptor, name: name, path: path, recorded: entry?.signature, keys: keys, alwaysLooks: true)
  }

  private static func recorded(
    _ descriptor: Int32, name: String, path: String
  ) throws(DriverLoadError) -> DriverRecord.Entry? {
    let record: DriverRecord?
    do {
      record = try DriverRecord.read(beside: path)
    } catch {
      throw DriverLoadError(
        .changed, name: name, path: path, message: "driver \(name) is not trusted: \(error.reason)", hint: error.hint)
    }
    guard let record else { return nil }
    let sum = FileDigest.sha256(descriptor)
    if let entry = record.entry(for: sum) { return entry }
    throw DriverLoadError(
      .changed, name: name, path: path,
      message: "driver \(name) is not the file that was installed: \(path) has the sha-256 \(sum.prefix(12))…, "
        + "but its record says \(record.installed.sha256.prefix(12))…",
      hint: "find out who changed it; if you did: belay driver install \(path)")
  }

  /// - Parameter alwaysLooks: Also if no list of keys requires a signature.
  private static func signer(
    ofDescriptor descriptor: Int32, name: String, path: String, recorded: String?, keys: DriverKeys, alwaysLooks: Bool
  ) throws(DriverLoadError) -> DriverSigner? {
    func refusal(_ message: String, hint: String? = nil) -> DriverLoadError {
      DriverLoadError(.unsigned, name: name, path: path, message: "driver \(name) \(message)", hint: hint)
    }
    let lists: [KeyList]
    do {
      lists = try keys.lists()
    } catch {
      throw refusal("is refused: \(error.reason)", hint: error.hint)
    }
    if lists.isEmpty && !alwaysLooks { return nil }
    var text = recorded
    do throws(FileFlaw) {
      if text == nil, let bytes = try SideFile.read(path + ".sig") { text = String(decoding: bytes, as: UTF8.self) }
    } catch {
      throw refusal("is not trusted: \(error.reason)", hint: error.hint)
    }
    guard let text else {
      guard let list = lists.first else { return nil }
      throw refusal(
        "is not signed, but \(list.path) requires it",
        hint: "its publisher signs with: ssh-keygen -Y sign -n \(DriverSignature.purpose) -f KEY \(path)")
    }
    let signature: DriverSignature
    do {
      signature = try DriverSignature(text)
    } catch {
      throw refusal("is refused: its signature \(error.reason)")
    }
    let sum =
      switch signature.digest {
      case .sha256: FileDigest.of(descriptor, SHA256.self)
      case .sha512: FileDigest.of(descriptor, SHA512.self)
      }
    guard let sum, signature.covers(sum) else {
      throw refusal(
        "is refused: its signature is for another file", hint: "get the driver and its signature from its publisher")
    }
    for list in lists where list.names[signature.key] == nil {
      throw refusal(
        "is refused: it is signed by \(signature.key.fingerprint), which \(list.path) does not list",
        hint: "ask the person who decides about drivers here to add the key to that list")
    }
    return DriverSigner(
      name: lists.lazy.compactMap { $0.names[signature.key] }.first, fingerprint: signature.key.fingerprint)
  }
}
