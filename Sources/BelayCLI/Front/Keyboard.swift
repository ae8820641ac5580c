import BelayBase
import BelayCore
import Foundation
import Glibc

/// The person who answers questions: stdin, where it is a terminal.
package struct Keyboard {
  /// Where answers come from.
  package let descriptor: Int32
  private let prompts: any Output

  /// - Parameters:
  ///   - descriptor: A terminal, or what a test puts in its place. Stays the caller's.
  ///   - prompts: Where questions are written.
  package init(descriptor: Int32, prompts: any Output) {
    self.descriptor = descriptor
    self.prompts = prompts
  }

  /// nil: nobody is there to ask.
  package static func atTerminal() -> Keyboard? {
    guard isatty(STDIN_FILENO) == 1 else { return nil }
    // With stderr in a file the question must be seen all the same, and a terminal's stdin is open both ways.
    let shown = isatty(STDERR_FILENO) == 1 ? STDERR_FILENO : STDIN_FILENO
    return Keyboard(descriptor: STDIN_FILENO, prompts: DescriptorOutput(shown))
  }

  /// Writes the question. What was typed before it was shown is no answer to it.
  package func show(_ question: Question) {
    tcflush(descriptor, TCIFLUSH)
    switch question.kind {
    case .yesNo: ask("\(question.text) [yes/NO] ")
    case .code:
      ask("\(question.text)")
      prompts.write("\n> ")
    }
  }

  private func ask(_ words: ScreenText) {
    prompts.write(prompts.isTerminal ? .lines(words.wrapped(columns: prompts.columns)) : words)
  }

  /// The question is dropped: ends its line.
  package func leave() { prompts.write("\n") }

  /// The answer, when the descriptor is readable: y or yes, n or no, in capitals or not. An end of input is a no, and an empty
  /// code. A line alone is a no: that is the default.
  /// - Returns: nil where what was typed is neither yes nor no: the question is asked again, since a no may throw away hours
  ///   of work.
  package func answer(to question: Question) -> Answer? {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    if count <= 0 { prompts.write("\n") }
    let line = String(decoding: bytes[..<max(count, 0)], as: UTF8.self)
    let typed = line.trimmingCharacters(in: .whitespacesAndNewlines)
    switch question.kind {
    case .yesNo:
      switch typed.lowercased() {
      case "yes", "y": return Answer(id: question.id, text: "yes")
      case "no", "n", "": return Answer(id: question.id, text: "no")
      default:
        prompts.write("type yes or no: ")
        return nil
      }
    case .code: return Answer(id: question.id, text: typed)
    }
  }
}
