import Glibc

/// A process of this machine, as /proc shows it at one moment.
package struct RunningProcess: Sendable, Equatable {
  package let pid: pid_t
  let parent: pid_t
  private let name: String

  /// Its arguments, with spaces between them; its name where it has none, or has ended by now.
  package var words: String {
    let arguments = (Self.file(pid, "cmdline") ?? []).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    return arguments.isEmpty ? name : arguments.joined(separator: " ")
  }

  /// nil: there is no such process, or it has ended and is only waited for.
  init?(_ pid: pid_t) {
    guard let status = Self.file(pid, "stat"), let name = status.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    // pid (name) state parent …, and a name may hold anything.
    let fields = status[status.index(after: name)...].split(separator: UInt8(ascii: " "))
    guard fields.count > 1, !["Z", "X"].contains(String(decoding: fields[0], as: UTF8.self)),
      let parent = pid_t(String(decoding: fields[1], as: UTF8.self))
    else { return nil }
    let bare = status.firstIndex(of: UInt8(ascii: "(")).map { status[($0 + 1)..<name] } ?? []
    self.pid = pid
    self.parent = parent
    self.name = String(decoding: bare, as: UTF8.self)
  }

  /// All that there are.
  static func all() -> [RunningProcess] {
    guard let folder = opendir("/proc") else { return [] }
    defer { closedir(folder) }
    var found: [RunningProcess] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard let pid = pid_t(name), let process = RunningProcess(pid) else { continue }
      found.append(process)
    }
    return found
  }

  /// Whether its environment, as it was started with, holds `NAME=VALUE`. That of another user's is not shown.
  func isMarked(_ entry: String) -> Bool {
    let wanted = Array(entry.utf8)
    return environment().split(separator: 0).contains { $0.elementsEqual(wanted) }
  }

  /// A process that is just becoming another program, by execve, shows neither environment nor arguments until that has been
  /// loaded, and whoever has opened the environment of the program before reads nothing: it is looked at again, for half a
  /// second at most.
  private func environment() -> [UInt8] {
    var seenWithout = 0
    for _ in 0..<500 {
      guard let bytes = Self.file(pid, "environ") else { return [] }
      if !bytes.isEmpty || isOfKernel { return bytes }
      // With arguments, it is a program that has none; or it was not yet when its environment was read.
      if Self.file(pid, "cmdline") != [] { seenWithout += 1 } else { usleep(1000) }
      if seenWithout == 3 { return [] }
    }
    return []
  }

  /// Whether it runs no program, or has ended.
  private var isOfKernel: Bool {
    var byte: CChar = 0
    return readlink("/proc/\(pid)/exe", &byte, 1) < 0
  }

  private static func file(_ pid: pid_t, _ name: String) -> [UInt8]? {
    let descriptor = open("/proc/\(pid)/\(name)", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16384)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return count < 0 && bytes.isEmpty ? nil : bytes }
      bytes += buffer[..<count]
    }
  }
}
