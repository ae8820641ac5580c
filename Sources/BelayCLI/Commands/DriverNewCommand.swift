import ArgumentParser
import BelayBase
import BelayCore
import BelayScaffold

struct DriverNewCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Create a folder with a working driver to start from.",
    discussion: """
      Creates belay-driver-NAME in the current folder: a driver for a small file format. `make` builds it and
      `make test` tests it. Replace the file format with your own engine.

      Example:
        belay driver new wordbook --lang c
      """)

  @Argument(help: "Name of the driver: belay-driver-NAME.so, and NAME:… in URLs.") var name: String
  @Option(help: "Language: c, rust or swift.") var lang: Scaffold.Language = .c
  @Option(help: ArgumentHelp("For swift: the folder with belay's sources (default: ../belay).", valueName: "dir"))
  var kit: String?
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    do throws(ScaffoldError) {
      let kit = kit.map { Configuration.absolute($0, from: session.currentFolder) }
      let scaffold = try Scaffold(name: name, language: lang, kit: kit)
      let folder = try scaffold.write(into: session.currentFolder)
      return session.end(
        RunResult(.done, "wrote \(folder): run `make` in it, then `make test`", output: [folder]))
    } catch {
      throw BelayError(error.kind, error.message, hint: error.hint, state: "nothing was written")
    }
  }
}

extension Scaffold.Language: ExpressibleByArgument {}

extension ScaffoldError {
  fileprivate var kind: BelayError.Kind {
    switch self {
    case .oddName, .needsNoKit: .usage
    case .noKit: .notFound
    case .exists, .notWritten: .failed
    }
  }
}
