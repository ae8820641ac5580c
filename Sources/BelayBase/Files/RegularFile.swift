import Foundation
import SystemPackage

/// Why a file or a folder is not used.
package struct FileFlaw: Error, Sendable, Equatable, CustomStringConvertible {
  /// A text to put after the path, such as "is not a regular file".
  package let text: String
  /// What mends it, if that is known.
  package var cure: String?
  /// Of the system's call; nil: the file was looked at, and is not what it must be.
  package var errno: Errno?

  package var description: String { text }
  package var isMissing: Bool { errno == .noSuchFileOrDirectory }

  package init(_ text: String, cure: String? = nil, errno: Errno? = nil) {
    self.text = text
    self.cure = cure
    self.errno = errno
  }

  init(_ errno: Errno, doing: String) { self.init("cannot be \(doing): \(errno)", errno: errno) }
}

/// Opens what must be a regular file. Anything else under its name, such as a FIFO or a device, could keep a reader waiting
/// for ever, or never end.
package enum RegularFile {
  /// Who may have written it, and whether its name may be a link.
  package enum Trust: Sendable {
    /// Anybody; a link is followed.
    case anybody
    /// Only root or the user; a link is followed, for it is the file that counts.
    case owners
    /// Only root or the user, and it must be the file itself: for what belay makes under names of its own.
    case ownFile
    /// The same, and nobody else may read it either.
    case secret
    /// A private key that a person names: as `secret`, but a link is followed.
    case key

    fileprivate var followsLinks: Bool { self == .anybody || self == .owners || self == .key }
    fileprivate var isPrivate: Bool { self == .secret || self == .key }
  }

  package static func open(
    _ path: FilePath, _ mode: FileDescriptor.AccessMode = .readOnly, options: FileDescriptor.OpenOptions = [],
    trust: Trust = .anybody
  ) throws(FileFlaw) -> FileDescriptor {
    // Non-blocking: opening a FIFO waits for its other end. On a regular file it has no effect.
    let all = options.union(
      trust.followsLinks ? [.closeOnExec, .nonBlocking] : [.closeOnExec, .nonBlocking, .noFollow])
    let file: FileDescriptor
    do throws(Errno) {
      file = try Durable.typed {
        try FileDescriptor.open(path, mode, options: all, permissions: [.ownerReadWrite])
      }
    } catch {
      // ELOOP is what O_NOFOLLOW says of a link, ENXIO what O_NONBLOCK says of a FIFO that is opened for writing.
      if !trust.followsLinks, error == .tooManySymbolicLinkLevels { throw FileFlaw("is a link, not a file") }
      if error == .noSuchAddressOrDevice { throw FileFlaw("is not a regular file") }
      throw FileFlaw(error, doing: mode == .readOnly ? "read" : "opened")
    }
    if let flaw = flaw(of: file, path, trust: trust) {
      try? file.close()  // nothing was written
      throw flaw
    }
    return file
  }

  /// All of it.
  /// - Parameter most: Bytes that it may have.
  package static func read(
    _ path: FilePath, most: Int = 1 << 30, trust: Trust = .anybody
  ) throws(FileFlaw) -> Data {
    let file = try open(path, trust: trust)
    defer { try? file.close() }  // read-only: nothing can be lost by a failed close
    do throws(Errno) {
      var bytes = Data()
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = try Durable.typed { try buffer.withUnsafeMutableBytes { try file.read(into: $0) } }
        guard count > 0 else { return bytes }
        bytes.append(contentsOf: buffer[..<count])
        guard bytes.count <= most else { break }
      }
    } catch {
      throw FileFlaw(error, doing: "read")
    }
    throw FileFlaw("is larger than \(most) bytes")
  }

  private static func flaw(of file: FileDescriptor, _ path: FilePath, trust: Trust) -> FileFlaw? {
    var status = stat()
    guard fstat(file.rawValue, &status) == 0 else { return FileFlaw(Errno(rawValue: errno), doing: "used") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      return FileFlaw(status.st_mode & S_IFMT == S_IFDIR ? "is a folder" : "is not a regular file")
    }
    guard trust != .anybody else { return nil }
    if let flaw = Ownership(status).flaw { return FileFlaw(flaw.text, cure: flaw.cure(for: path.string)) }
    guard trust.isPrivate, status.st_mode & (S_IRWXG | S_IRWXO) != 0 else { return nil }
    return FileFlaw("can be read by others", cure: "chmod 600 \(path)")
  }
}

/// Folders that only root and the user can have put something into.
package enum OwnFolder {
  /// Why it is none; nil: it is one, or it is not there.
  /// - Parameter mayBeLink: A link is followed if root or the user has made it.
  package static func flaw(of path: FilePath, mayBeLink: Bool = false) -> FileFlaw? {
    var status = stat()
    guard lstat(path.string, &status) == 0 else {
      return errno == ENOENT ? nil : FileFlaw(Errno(rawValue: errno), doing: "used")
    }
    if status.st_mode & S_IFMT == S_IFLNK {
      guard mayBeLink else { return FileFlaw("is a link, not a folder") }
      if let flaw = Ownership(status).ownerFlaw {
        return FileFlaw("is a link that \(flaw.text)", cure: "remove it")
      }
      guard stat(path.string, &status) == 0 else { return FileFlaw(Errno(rawValue: errno), doing: "used") }
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { return FileFlaw("is not a folder") }
    guard let flaw = Ownership(status).flaw else { return nil }
    return FileFlaw(flaw.text, cure: flaw.cure(for: path.string))
  }
}
