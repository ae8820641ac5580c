import Glibc

/// The holder of a lock: a process on a machine, so that the same machine can tell when it no longer exists.
struct LockHolder {
  /// The text in the lock's row.
  let text: String

  /// This process, for one connection.
  init(connection: String) {
    var name = [CChar](repeating: 0, count: 256)
    let isKnown = gethostname(&name, name.count - 1) == 0
    let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let pid = getpid()
    text =
      "process \(pid) on \(isKnown && !host.isEmpty ? host : "unknown host")|\(Self.boot)|\(pid)|\(Self.start(of: pid))"
      + "|\(connection)"
  }

  init(text: String) { self.text = text }

  /// For people.
  var words: String { text.split(separator: "|").first.map(String.init) ?? "somebody" }

  /// It ran on this machine, and no longer does. false if that is not known.
  var isGone: Bool {
    let parts = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 5, !parts[1].isEmpty, parts[1] == Self.boot, let pid = Int32(parts[2]) else { return false }
    // Process ids are reused.
    return kill(pid, 0) != 0 && errno == ESRCH || Self.isDead(pid) || Self.start(of: pid) != parts[3]
  }

  /// Identifies this boot of the machine and the process namespace; containers share the boot id, but not their
  /// processes.
  private static let boot: String = {
    var namespace = [CChar](repeating: 0, count: 64)
    let count = max(readlink("/proc/self/ns/pid", &namespace, namespace.count), 0)
    let space = String(decoding: namespace.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let boot = content("/proc/sys/kernel/random/boot_id").filter { !$0.isWhitespace }
    return boot.isEmpty || space.isEmpty ? "" : "\(boot) \(space)"
  }()

  /// When the process was started, in the kernel's ticks.
  private static func start(of pid: Int32) -> String {
    let fields = status(of: pid)
    return fields.count > 20 ? fields[20] : ""
  }

  /// It has ended, but was not reaped: in a container without an init, it stays like this.
  private static func isDead(_ pid: Int32) -> Bool {
    let fields = status(of: pid)
    return fields.count > 1 && ["Z", "X"].contains(fields[1])
  }

  /// The kernel's fields about a process, after its name.
  private static func status(of pid: Int32) -> [String] {
    let stat = content("/proc/\(pid)/stat")
    // The name is in parentheses and may contain any characters.
    guard let end = stat.lastIndex(of: ")") else { return [] }
    return stat[end...].split(separator: " ").map(String.init)
  }

  private static func content(_ path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
  }
}
