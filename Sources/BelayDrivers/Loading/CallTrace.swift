/// Is told of every call of a driver's functions, for those who look for a driver's fault.
package struct CallTrace: Sendable {
  private let write: @Sendable (String) -> Void

  /// - Parameter write: called with a line before each call, and with one after it: if there is none, the call has not
  ///   returned. By the thread that makes the call.
  package init(write: @escaping @Sendable (String) -> Void) { self.write = write }

  /// - Parameter call: the function's name.
  func began(_ call: String, sql: String?) {
    write("-> \(call)" + (sql.map { ": \(Self.oneLine($0))" } ?? ""))
  }

  func ended(_ failure: DriverError?) {
    write(failure.map { "<- failed (\($0.code), \($0.outcome)): \(Self.oneLine($0.message))" } ?? "<- ok")
  }

  /// In bytes: a statement of a megabyte is shown by its beginning.
  private static let most = 4096

  private static func oneLine(_ text: String) -> String {
    let shown = String(decoding: text.utf8.prefix(most), as: UTF8.self).split(whereSeparator: \.isWhitespace)
    return shown.joined(separator: " ") + (text.utf8.count > most ? " …" : "")
  }
}
