import Glibc

/// How a process ended.
package enum ProcessEnding: Equatable, Sendable {
  case exited(Int32)
  case killed(signal: Int32)

  /// status: as waitpid gives it.
  init(_ status: Int32) {
    // wait(2)'s macros, which Swift does not import.
    let signal = status & 0x7f
    self = signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal: signal)
  }
}

extension ProcessEnding: CustomStringConvertible {
  package var description: String {
    switch self {
    case .exited(let code): "exited with status \(code)"
    case .killed(let signal): "was killed by signal \(signal) (\(String(cString: strsignal(signal))))"
    }
  }
}
