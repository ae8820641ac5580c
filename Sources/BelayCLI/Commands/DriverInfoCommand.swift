import ArgumentParser
import BelayBase
import BelayCore
import BelayDrivers
import Glibc

struct DriverInfoCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Describe a driver file, without connecting to a database.",
    discussion: """
      For a file that belay refuses, shows what can be found out without running it.

      Example:
        belay driver info ./belay-driver-acme.so
      """)

  @Argument(help: "A file named belay-driver-NAME.so.", completion: .file(extensions: ["so"])) var file: String
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let search = session.drivers(session.settings(try session.configuration()))
    let (name, path) = try session.driverFile(file)
    let candidate = DriverCandidate(name: name, path: path, origin: .option, verdict: .used)
    let record = try DriverRecordLine(candidate, search, DriverProbe(executable: session.executable))
    session.renderer.show(record, as: record.table)
    guard let reason = record.reason else { return session.end(RunResult(.done, "\(name) can be used")) }
    throw BelayError(.refused, reason, hint: record.hint, state: "nothing was opened")
  }
}

extension Session {
  /// The name and the absolute path of a driver's file that a person names.
  func driverFile(_ typed: String) throws(BelayError) -> (name: String, path: String) {
    let path = Configuration.absolute(typed, from: currentFolder)
    guard let name = DriverFileName.name(of: path, isBuilt: true) else {
      throw BelayError(
        .usage, "\(typed) is not named like a driver file",
        hint: "the name must be belay-driver-NAME.so, with NAME made of a-z, 0-9, - and _",
        state: "nothing was done")
    }
    guard access(path, R_OK) == 0 else {
      throw BelayError(
        .notFound, "\(typed) cannot be read", state: "nothing was done",
        causes: [String(cString: strerror(errno))])
    }
    return (name, path)
  }
}
