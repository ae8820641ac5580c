import BelayBase
import BelayCore

/// `--json`: the stream as it is, one line of JSON per event, ending in exactly one `result`.
package final class JSONRenderer: Renderer {
  private let output: any Output

  package init(output: any Output) { self.output = output }

  package func show(_ event: Event) { line(event) }

  package func show(_ record: some Encodable, as lines: [String]) { line(record) }

  private func line(_ value: some Encodable) {
    do {
      output.write(ScreenText.json(String(decoding: try EventLine.encode(value), as: UTF8.self)).line)
    } catch {
      // Only a non-finite number cannot be encoded, and no event holds a fraction.
      output.write(#"{"event":"log","level":"error","message":"an event cannot be written as JSON"}"#)
      output.write("\n")
    }
  }
}
