import BelaySystem
import CSpawn
import Glibc

/// Starts a child process, belay itself or a program of somebody else's, with chosen descriptors and with default signal
/// handling, whatever this process does with its own signals.
package struct ProcessStart {
  package var executable: String
  package var arguments: [String]
  private let descriptors: [(from: Int32, to: Int32)]
  private let environment: [String: String]
  private let isApart: Bool
  /// The process group that it joins; nil: its own, or this process's.
  package var group: pid_t?
  /// The folder that it starts in; nil: this process's.
  package var folder: String?
  /// The program is belay; else its environment holds nothing that belay sets for itself alone.
  package var isBelay = true
  /// The names of this process's variables that it gets; nil: all.
  package var inherited: Set<String>?
  /// In a session of its own, so that it has no terminal to ask at.
  package var isWithoutTerminal = false

  /// - Parameters:
  ///   - executable: Its path.
  ///   - arguments: With the program's name first.
  ///   - descriptors: Which of this process's descriptors become which of the new one's. All others close on exec.
  ///   - environment: Variables in addition to this process's own, or in place of them.
  ///   - isApart: In a process group of its own, which Ctrl+C at the terminal does not reach.
  package init(
    executable: String, arguments: [String], descriptors: [(from: Int32, to: Int32)],
    environment: [String: String] = [:], isApart: Bool = true
  ) {
    self.executable = executable
    self.arguments = arguments
    self.descriptors = descriptors
    self.environment = environment
    self.isApart = isApart
  }

  /// The errno of the failed call.
  package struct Failure: Error {
    package let code: Int32

    package init(code: Int32) { self.code = code }

    /// The system's text for it.
    package var reason: String { String(cString: strerror(code)) }
  }

  /// "Text file busy": somebody is writing the program at this moment, or has written it, and a process that another thread
  /// started meanwhile has its descriptor until it runs its own program. Tried again for a second.
  private static let busyRetries = 100
  /// In microseconds.
  private static let busyPause: UInt32 = 10_000

  /// The running process. The caller must wait for it.
  package func start() throws(Failure) -> ChildProcess {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // In two steps, with high numbers first: a descriptor from 0 to 3 could otherwise be overwritten before it is
    // passed on.
    var spares: [Int32] = []
    defer { for spare in spares { close(spare) } }
    for descriptor in descriptors {
      let spare = fcntl(descriptor.from, F_DUPFD_CLOEXEC, 10)
      // The process would run without what it reads its job from. Where the limit is below 10 the system says EINVAL.
      guard spare >= 0 else { throw Failure(code: errno == EINVAL ? EMFILE : errno) }
      spares.append(spare)
      posix_spawn_file_actions_adddup2(&actions, spare, descriptor.to)
    }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var defaults = sigset_t()
    sigfillset(&defaults)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setpgroup(&attributes, group ?? 0)
    if let folder { posix_spawn_file_actions_addchdir_np(&actions, folder) }
    // A session of its own comes with a process group of its own.
    let apart = isWithoutTerminal ? belay_spawn_setsid : isApart || group != nil ? POSIX_SPAWN_SETPGROUP : 0
    posix_spawnattr_setflags(&attributes, Int16(apart | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var pid: pid_t = 0
    var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    argv.append(nil)
    defer { for argument in argv { free(argument) } }
    var settings = variables().map { strdup($0) }
    settings.append(nil)
    defer { for setting in settings { free(setting) } }
    var code = posix_spawn(&pid, executable, &actions, &attributes, argv, settings)
    for _ in 0..<Self.busyRetries where code == ETXTBSY {
      usleep(Self.busyPause)
      code = posix_spawn(&pid, executable, &actions, &attributes, argv, settings)
    }
    guard code == 0 else { throw Failure(code: code) }
    return ChildProcess(pid: pid, isApart: isApart && group == nil)
  }

  /// This process's environment, and the additions. Swift's crash report shows the stack but not the registers: it
  /// would show the bytes that they point to, which may be a password. Where the address space is limited there is none:
  /// it needs more than is left when memory has run out.
  private func variables() -> [String] {
    var variables: [String] = []
    var next = environ
    while let entry = next.pointee {
      variables.append(String(cString: entry))
      next += 1
    }
    if let inherited {
      variables.removeAll { !inherited.contains(String($0.prefix { $0 != "=" })) }
    }
    let name = "SWIFT_BACKTRACE="
    let own = ["registers=none,images=none", "enable=no"].map { name + $0 }
    if !isBelay {
      variables.removeAll(where: own.contains)
    } else if !variables.contains(where: { $0.hasPrefix(name) }) {
      variables.append(SystemLimit.addressSpace == nil ? own[0] : own[1])
    }
    variables.removeAll { variable in environment.keys.contains { variable.hasPrefix($0 + "=") } }
    return variables + environment.map { "\($0)=\($1)" }
  }
}
