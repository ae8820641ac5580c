import ArgumentParser
import BelayBase
import BelayCore
import SystemPackage

struct InitCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write a commented belay.yaml.",
    discussion: """
      Writes belay.yaml into the current folder, or to the file given with --config. An existing file is not overwritten.

      Example:
        belay init
      """)

  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let file = Configuration.absolute(
      global.config ?? BelayBase.Configuration.fileName, from: session.currentFolder)
    do throws(Errno) {
      try write(ConfigurationTemplate.text, to: FilePath(file))
    } catch .fileExists {
      throw BelayError(
        .failed, "\(file) already exists", hint: "edit it, or remove it first", state: "nothing was written")
    } catch {
      throw BelayError(.failed, "\(file) cannot be written", causes: [error.description])
    }
    return session.end(
      RunResult(.done, "wrote \(file): put your database's URL in it, then try `belay doctor`", output: [file]))
  }

  /// Whatever the umask allows, nobody else may write to it: belay would refuse it.
  private func write(_ text: String, to path: FilePath) throws(Errno) {
    try Durable.typed {
      let file = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
      try file.closeAfter { _ = try file.writeAll(text.utf8) }
    }
  }
}
