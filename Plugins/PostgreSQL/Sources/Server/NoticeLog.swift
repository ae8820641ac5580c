import BelayDriverKit
import CPostgreSQL

/// Hands the server's notices and warnings to the host's log of the call that runs.
final class NoticeLog {
  /// nil where no call runs.
  var operation: Operation?

  /// The handle must not be used after this object is gone.
  init(_ handle: OpaquePointer) {
    PQsetNoticeReceiver(
      handle,
      { context, result in
        guard let context else { return }
        Unmanaged<NoticeLog>.fromOpaque(context).takeUnretainedValue().log(result)
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  private func log(_ result: OpaquePointer?) {
    guard let operation else { return }
    let report = ServerReport(result)
    guard !report.message.isEmpty else { return }
    var text = report.message
    let hint = report.detailAndHint
    if !hint.isEmpty { text += " (\(hint))" }
    operation.log(Self.level(report.severity), text)
  }

  private static func level(_ severity: String) -> LogLevel {
    switch severity {
    case "WARNING": .warning
    case "NOTICE": .notice
    case "INFO", "LOG": .info
    default: .debug
    }
  }
}
