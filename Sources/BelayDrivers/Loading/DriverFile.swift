import Crypto
import Glibc

/// A driver's file, checked and held open. What was checked is what is loaded: nobody but root and the user could swap it
/// (see `TrustedPath`), and `isUnchanged` notices if one of these did.
final class DriverFile: Sendable {
  let name: String
  /// As the search found it.
  let path: String
  /// Without links: what the loader is given.
  let realPath: String
  // Held for as long as the object lives, so that the digest is that of the file that was loaded, also when an upgrade
  // has put another one in its place.
  private let descriptor: Int32
  private let identity: Identity

  /// What tells one state of a file from another.
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

  /// Refuses a file that others could have written, and one that is not for this machine. Runs none of its code.
  init(name: String, path: String) throws(DriverLoadError) {
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
      // Again, on what is open now: between the walk over the path and here the file could have been another one.
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw refusal(.notLoadable, "driver \(name) is not a file: \(path)")
      }
      if let flaw = Ownership(status).flaw {
        throw refusal(.untrusted, "driver \(name) is not trusted: \(path) \(flaw.text)", hint: flaw.hint(for: realPath))
      }
      if let flaw = ELFHeader.flaw(ofDescriptor: descriptor) {
        throw refusal(.notLoadable, "driver \(name) cannot be loaded: \(path) \(flaw)")
      }
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

  /// The path still leads to the file that was checked, and nobody wrote to it.
  var isUnchanged: Bool {
    var now = stat()
    return stat(realPath, &now) == 0 && Identity(now) == identity
  }

  /// 64 hex digits, of the file that was checked; empty if it can no longer be read. Reads the whole file.
  func sha256() -> String {
    var hash = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var offset = 0
    while true {
      let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, offset) }
      if count < 0, errno == EINTR { continue }
      if count < 0 { return "" }
      if count == 0 { break }
      hash.update(data: buffer[..<count])
      offset += count
    }
    return hash.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
