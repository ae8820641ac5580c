import BelayRows
import Glibc

/// Follows the path of a driver's file from the root, including links, and refuses it if somebody else could have
/// changed where it leads: by a folder that others can write to, or a link that belongs neither to root nor to the
/// user.
///
/// This makes it safe to pass a path to the loader instead of an open file. (`dlopen` of /proc/self/fd/N would break
/// `$ORIGIN`, and the loader mistakes two drivers with the same N for one.) Only root and the user could replace the
/// file after the check, and they do not need to.
enum TrustedPath {
  struct Refusal: Error {
    enum Reason {
      case untrusted(String)
      case unreachable(String)
    }
    let reason: Reason
    var hint: String?
  }

  /// The same limit as the kernel's.
  private static let mostLinks = 40

  /// The path without links. The folder of the file must not even be a sticky one that others can write to: they could
  /// add files to it.
  static func resolve(_ path: String) throws(Refusal) -> String {
    var pending = Array(path.split(separator: "/").map(String.init).reversed())
    var resolved: [String] = []
    var links = 0
    try check(try look(at: "/"), "/")
    while let step = pending.popLast() {
      if step == "." { continue }
      if step == ".." {
        _ = resolved.popLast()
        continue
      }
      let here = "/" + (resolved + [step]).joined(separator: "/")
      let status = try look(at: here)
      switch status.st_mode & S_IFMT {
      case S_IFLNK:
        links += 1
        guard links <= mostLinks else { throw Refusal(reason: .unreachable("\(path): too many links")) }
        try check(status, here)
        let target = try readLink(here)
        if target.hasPrefix("/") { resolved = [] }
        pending += target.split(separator: "/").map(String.init).reversed()
      case S_IFDIR:
        try check(status, here)
        resolved.append(step)
      default:
        guard pending.isEmpty else { throw Refusal(reason: .unreachable("\(here) is not a folder")) }
        try checkFolder(of: here, resolved)
        return here
      }
    }
    throw Refusal(reason: .unreachable("\(path) is a folder"))
  }

  private static func checkFolder(of file: String, _ resolved: [String]) throws(Refusal) {
    let folder = "/" + resolved.joined(separator: "/")
    if let flaw = Ownership(try look(at: folder)).flaw {
      throw Refusal(reason: .untrusted("its folder \(folder) \(flaw.text)"), hint: flaw.hint(for: folder))
    }
  }

  /// Checks a folder or link of the path.
  private static func check(_ status: stat, _ path: String) throws(Refusal) {
    let ownership = Ownership(status)
    // The mode of a link has no meaning, and in a sticky folder others cannot replace what they do not own.
    let isLink = status.st_mode & S_IFMT == S_IFLNK
    let flaw = ownership.ownerFlaw ?? (isLink || ownership.isSticky ? nil : ownership.modeFlaw)
    if let flaw {
      throw Refusal(
        reason: .untrusted("\(isLink ? "the link" : "the folder") \(path) \(flaw.text)"), hint: flaw.hint(for: path))
    }
  }

  private static func look(at path: String) throws(Refusal) -> stat {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      throw Refusal(reason: .unreachable("\(path): \(String(errorNumber: errno))"))
    }
    return status
  }

  private static func readLink(_ path: String) throws(Refusal) -> String {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) { bytes in
        bytes.baseAddress.map { readlink(path, $0, bytes.count) } ?? -1
      }
    }
    guard count > 0 else { throw Refusal(reason: .unreachable("\(path): \(String(errorNumber: errno))")) }
    return String(decoding: buffer[..<count], as: UTF8.self)
  }
}
