import ArgumentParser
import BelayBase
import BelayCore
import Foundation

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
    do {
      try Data(ConfigurationTemplate.text.utf8).write(to: URL(filePath: file), options: .withoutOverwriting)
    } catch CocoaError.fileWriteFileExists {
      throw BelayError(
        .failed, "\(file) already exists", hint: "edit it, or remove it first", state: "nothing was written")
    } catch {
      throw BelayError(.failed, "\(file) cannot be written", causes: [error.localizedDescription])
    }
    return session.end(
      RunResult(.done, "wrote \(file): put your database's URL in it, then try `belay doctor`", output: [file]))
  }
}
