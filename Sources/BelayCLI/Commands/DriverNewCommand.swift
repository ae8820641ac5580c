import ArgumentParser
import BelayBase
import BelayCore
import BelayScaffold

struct DriverNewCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Make a folder with a working driver to begin with.",
    discussion: """
      Writes belay-driver-NAME into the current folder: a driver for a small file format, which `make` builds and
      `make test` holds against the rules. Put your own engine in the place of its file.

      Example:
        belay driver new wordbook --lang c
      """)

  @Argument(help: "What the driver is called: belay-driver-NAME.so, NAME:… in URLs.") var name: String
  @Option(help: "Language: c or swift.") var lang: Scaffold.Language = .c
  @Option(help: ArgumentHelp("For swift: the folder of belay's sources (default: ../belay).", valueName: "dir"))
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
