import BelayProcess
import Foundation
import Glibc

/// Where text is written: stdout, stderr, or a test's memory.
package protocol Output: AnyObject {
  var isTerminal: Bool { get }
  /// Columns of the terminal; where it does not say, those of the variable COLUMNS, or 80.
  var columns: Int { get }
  func write(_ text: ScreenText)
}

/// Text to a descriptor, unbuffered, so that stdout and stderr keep their order on one terminal. Does
/// nothing if the descriptor is closed: nobody reads it any more.
package final class DescriptorOutput: Output {
  private let descriptor: Int32
  package let isTerminal: Bool

  package init(_ descriptor: Int32) {
    self.descriptor = descriptor
    isTerminal = isatty(descriptor) == 1
  }

  package var columns: Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 80
    }
    return Int(size.ws_col)
  }

  package func write(_ text: ScreenText) {
    FileBytes.writeAll(text.raw.utf8, to: descriptor)
  }
}
