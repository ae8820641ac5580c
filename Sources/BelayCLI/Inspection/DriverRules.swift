import BelayBase
import BelayCore
import BelayProcess
import Glibc

/// Tests a driver against the rules as its author does, with `belay driver test`; its lines go to stderr here.
struct DriverRules {
  /// The path of the running executable.
  let executable: String
  /// Options of `belay driver test`.
  let options: [String]

  /// - Parameter file: Called belay-driver-NAME.so.
  /// - Throws: `.refused` if the driver breaks a rule, or the rules could not be tested.
  func hold(_ file: String) throws(BelayError) {
    let ending: ProcessEnding
    do {
      ending = try ProcessStart(
        executable: "/proc/self/exe", arguments: [executable, "driver", "test", file] + options,
        descriptors: [(STDIN_FILENO, STDIN_FILENO), (STDERR_FILENO, STDOUT_FILENO), (STDERR_FILENO, STDERR_FILENO)],
        // Ctrl+C is meant for both.
        isApart: false
      ).start().wait()
    } catch {
      throw BelayError(
        .failed, "the rules for drivers cannot be tested", state: "nothing was installed",
        causes: [error.reason])
    }
    guard ending == .exited(0) else {
      throw BelayError(
        .refused,
        "the driver failed the test, or the test could not be run: see the lines above",
        hint: "report this to the driver's author", state: "nothing was installed",
        causes: ["belay driver test \(ending)"])
    }
  }
}
