import BelayBase
import BelayProcess
import Foundation

/// The programs `age` and `age-keygen` as they are installed. What they must read comes through descriptors: no key and no
/// path of one is in an argument, and of the environment they get nothing that a secret is kept in.
struct AgeProgram: Sendable {
  private let path: String
  /// Where the first descriptor that a call gets is in the child.
  private static let first: Int32 = 3
  private static let variables: Set<String> = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_RUNTIME_DIR"]

  /// - Throws: `.refused` where it is not installed.
  init(_ name: String) throws(BelayError) {
    let search = CommandSearch(
      name, path: ProcessInfo.processInfo.environment["PATH"], folder: FileManager.default.currentDirectoryPath)
    guard case .found(let path) = search else {
      throw BelayError(
        .refused, "\(name) is not installed, and belay encrypts with it", hint: "install it: apt install age",
        state: "nothing was changed")
    }
    self.path = path
  }

  /// What a call reads from a file in memory: `option`, and the path under which the child finds it.
  struct Input {
    let option: String
    let file: MemoryFile
  }

  func start(_ arguments: [String], _ inputs: [Input] = []) throws(ProcessStart.Failure) -> FilterProcess {
    var words = [(path as NSString).lastPathComponent] + arguments
    var descriptors: [(from: Int32, to: Int32)] = []
    for (number, input) in inputs.enumerated() {
      let descriptor = Self.first + Int32(number)
      words += [input.option, "/dev/fd/\(descriptor)"]
      descriptors.append((from: input.file.descriptor, to: descriptor))
    }
    return try FilterProcess(executable: path, arguments: words, descriptors: descriptors, inherited: Self.variables)
  }

  /// A call that gets nothing on its stdin.
  func run(_ arguments: [String], _ inputs: [Input] = []) throws(BelayError) -> (FilterProcess.Outcome, [UInt8]) {
    do throws(ProcessStart.Failure) {
      var output: [UInt8] = []
      let outcome = try start(arguments, inputs).finish { output += $0 }
      return (outcome, output)
    } catch {
      throw BelayError(.failed, "cannot start \(path): \(error.reason)", state: "nothing was changed")
    }
  }
}

extension FilterProcess.Outcome {
  var succeeded: Bool { ending == .exited(0) }

  /// What age says, without the lines that ask for a report of it.
  var reason: String {
    let lines = messages.split(separator: "\n").filter { !$0.hasPrefix("age: report ") }
    // It names the descriptors that it was given, which tells nobody anything.
    let text = lines.map { line in
      line.replacing("age: error: ", with: "").replacing(
        #/(?:failed to parse recipient file )?"\/dev\/fd\/\d+": /#, with: "")
    }.joined(separator: "; ")
    return text.isEmpty ? "\(ending)" : text
  }
}
