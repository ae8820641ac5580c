import Glibc

/// How belay starts itself anew: with chosen descriptors, and with signals as they are by default, whatever this process
/// does with its own.
struct Spawn {
  var executable: String
  /// With the program's name first.
  var arguments: [String]
  /// Which of this process's descriptors become which of the new one's. All others close on exec.
  var descriptors: [(from: Int32, to: Int32)]
  /// In a process group of its own, which Ctrl+C at the terminal does not reach.
  var isApart = true

  /// The errno of what the system refused.
  struct Failure: Error { let code: Int32 }

  func start() throws(Failure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // By way of high numbers: one that is 0 to 3 itself would be overwritten before it is passed on.
    let spares = descriptors.map { fcntl($0.from, F_DUPFD_CLOEXEC, 10) }
    defer { for spare in spares { close(spare) } }
    for (spare, descriptor) in zip(spares, descriptors) {
      posix_spawn_file_actions_adddup2(&actions, spare, descriptor.to)
    }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for signal in SignalThread.caught + [SIGPIPE] { sigaddset(&defaults, signal) }
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16((isApart ? POSIX_SPAWN_SETPGROUP : 0) | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var pid: pid_t = 0
    var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    argv.append(nil)
    defer { for argument in argv { free(argument) } }
    var variables = Self.environment().map { strdup($0) }
    variables.append(nil)
    defer { for variable in variables { free(variable) } }
    let code = posix_spawn(&pid, executable, &actions, &attributes, argv, variables)
    guard code == 0 else { throw Failure(code: code) }
    return pid
  }

  /// This process's own. What Swift writes of a crash shows where it was, but not the registers: these may point at a
  /// password, and are shown with the bytes that they point at.
  private static func environment() -> [String] {
    var variables: [String] = []
    var next = environ
    while let entry = next.pointee {
      variables.append(String(cString: entry))
      next += 1
    }
    let name = "SWIFT_BACKTRACE="
    return variables.contains { $0.hasPrefix(name) } ? variables : variables + [name + "registers=none,images=none"]
  }
}
