import BelayBase
import BelayChange
import BelayText

/// Text that people write, or that others write for them.
enum TextInput {
  private static func text(_ input: UnsafeRawBufferPointer) -> String { String(decoding: input, as: UTF8.self) }

  static func configuration(_ input: UnsafeRawBufferPointer) {
    do throws(ConfigurationError) {
      let read = try Configuration.parse(text(input), file: "/belay.yaml")
      let resolver = TargetResolver(read, currentFolder: "/", environment: ["A": "a"])
      for name in read.targets.map(\.name) { _ = Result { () throws(BelayError) in try resolver.target(name) } }
      // What is done with the numbers.
      for seconds in [
        read.migrations.lockTimeoutSeconds, read.migrations.statementTimeoutSeconds,
        read.retention.previousDatabasesSeconds ?? 0,
      ] { _ = Duration.seconds(seconds * 1000) }
    } catch {
      hold(!error.message.isEmpty, "an error has a message")
      hold((error.line ?? 1) > 0, "lines count from 1")
    }
  }

  static func directives(_ input: UnsafeRawBufferPointer) {
    let sql = text(input)
    _ = FileMark(in: sql)
    do throws(BelayError) {
      let directives = try Directives(sql: sql, file: "1.sql")
      _ = Duration.seconds((directives.lockTimeoutSeconds ?? 0) * 1000)
      _ = Duration.seconds((directives.statementTimeoutSeconds ?? 0) * 1000)
    } catch {
      hold(!error.message.isEmpty, "an error has a message")
    }
  }

  static func url(_ input: UnsafeRawBufferPointer) {
    let url = text(input)
    let shown = redact(url: url)
    hold(redact(url: shown) == shown, "what is shown of a URL holds nothing more to hide")
    _ = RedactedURL(url).hide(in: url)
    _ = redact(words: url)
    let visible = VisibleText.line(url)
    hold(VisibleText.line(visible) == visible, "what is visible stays as it is")
    hold(!visible.unicodeScalars.contains { $0.properties.generalCategory == .control }, "no control character is left")
  }
}
