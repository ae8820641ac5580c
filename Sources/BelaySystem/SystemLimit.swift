import Glibc

/// What this process may use of the system, as `ulimit` sets it: where a call fails for such a limit, the message names it.
package struct SystemLimit: Sendable, Equatable {
  /// "the address space"
  package let what: String
  /// "120 MB", "64"
  package let amount: String
  /// "ulimit -v"
  package let command: String

  package var text: String { "\(what) is limited to \(amount) (\(command))" }
}

extension SystemLimit {
  /// What a failed call with this errno can be due to; nil: no limit.
  package static func hint(for code: CInt) -> String? {
    switch code {
    case EFBIG: fileSize.map { "\($0.text): raise that limit" } ?? "the file system holds no file of that size"
    case EMFILE: openFiles.map { "\($0.text): raise that limit" }
    case ENFILE: "the system has too many open files: see /proc/sys/fs/file-nr"
    case ENOMEM: addressSpace.map { "\($0.text): raise that limit" } ?? "the machine has no memory left"
    case EAGAIN: noThread
    default: nil
    }
  }

  /// Why a thread or a process cannot be started.
  package static var noThread: String {
    let limits = [addressSpace, processes].compactMap { $0?.text }
    guard !limits.isEmpty else { return "the machine, or the container's pids limit, has no thread left" }
    return limits.joined(separator: "; ") + ": raise that limit"
  }

  /// Those that are set and can end a process in the middle: for the report of its death.
  package static var deadly: [SystemLimit] { [addressSpace, dataSize, cpuSeconds].compactMap(\.self) }

  /// Those under which belay cannot work at all.
  package static var tight: [SystemLimit] {
    let isFew = value(RLIMIT_NOFILE).map { $0 < 64 } ?? false
    return isFew ? [openFiles].compactMap(\.self) : []
  }

  package static var fileSize: SystemLimit? { bytes(RLIMIT_FSIZE, "the size of a file", "ulimit -f") }
  package static var addressSpace: SystemLimit? { bytes(RLIMIT_AS, "the address space", "ulimit -v") }
  static var dataSize: SystemLimit? { bytes(RLIMIT_DATA, "the size of data", "ulimit -d") }
  static var openFiles: SystemLimit? { count(RLIMIT_NOFILE, "the number of open files", "ulimit -n") }
  static var processes: SystemLimit? { count(__RLIMIT_NPROC, "the number of processes and threads", "ulimit -u") }
  static var cpuSeconds: SystemLimit? {
    count(RLIMIT_CPU, "the processor time", "ulimit -t").map {
      SystemLimit(what: $0.what, amount: $0.amount + " s", command: $0.command)
    }
  }

  private static func bytes(_ resource: __rlimit_resource, _ what: String, _ command: String) -> SystemLimit? {
    value(resource).map { value in
      let amount = value < 10_000_000 ? "\(value / 1000) kB" : "\(value / 1_000_000) MB"
      return SystemLimit(what: what, amount: amount, command: command)
    }
  }

  private static func count(_ resource: __rlimit_resource, _ what: String, _ command: String) -> SystemLimit? {
    value(resource).map { SystemLimit(what: what, amount: String($0), command: command) }
  }

  /// nil: without a limit.
  private static func value(_ resource: __rlimit_resource) -> UInt64? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0, limit.rlim_cur < UInt64(Int64.max) else {
      return nil
    }
    return UInt64(limit.rlim_cur)
  }
}
