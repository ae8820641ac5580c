import BelayBase
import BelayText

/// Checks as the XML that build servers show: a suite for each target.
struct JUnitReport {
  let targets: [CheckedTarget]

  var xml: String {
    var lines = [
      #"<?xml version="1.0" encoding="UTF-8"?>"#,
      "<testsuites name=\"belay check\" tests=\"\(targets.map(\.cases).reduce(0, +))\">",
    ]
    for target in targets { lines += Self.suite(target) }
    return (lines + ["</testsuites>"]).joined(separator: "\n") + "\n"
  }

  private static func suite(_ target: CheckedTarget) -> [String] {
    let failures = target.checks.count { $0.status == .failed }
    let errors = target.checks.count { $0.status == .error } + (target.failure == nil ? 0 : 1)
    let head =
      "  <testsuite name=\(quoted(target.name)) tests=\"\(target.cases)\" failures=\"\(failures)\" errors=\"\(errors)\" "
      + "skipped=\"0\" time=\"\(seconds(target.milliseconds))\" timestamp=\(quoted(target.at))>"
    let opening = target.failure.map { error in
      [
        "    <testcase classname=\(quoted(target.name)) name=\"open\" time=\"0.000\">",
        "      <error message=\(quoted(error.message))>\(escaped(error.causes.joined(separator: "\n")))</error>",
        "    </testcase>",
      ]
    }
    return [head] + (opening ?? []) + target.checks.flatMap { testCase($0, of: target) } + ["  </testsuite>"]
  }

  private static func testCase(_ check: CheckResult, of target: CheckedTarget) -> [String] {
    let head =
      "    <testcase classname=\(quoted(target.name)) name=\(quoted(check.name)) time=\"\(seconds(check.milliseconds))\""
    let details =
      (["found: \(check.figure)", "expected: \(check.threshold)"] + (check.rows ?? []).map { "row: \($0)" })
      .map(escaped).joined(separator: "\n")
    let message = quoted("expected \(check.threshold), found \(check.figure)")
    switch check.status {
    case .ok: return ["\(head)/>"]
    case .warning: return ["\(head)>", "      <system-out>warning\n\(details)</system-out>", "    </testcase>"]
    case .failed: return ["\(head)>", "      <failure message=\(message)>\(details)</failure>", "    </testcase>"]
    case .error:
      return ["\(head)>", "      <error message=\(quoted(check.figure))>\(details)</error>", "    </testcase>"]
    }
  }

  private static func seconds(_ milliseconds: Int) -> String {
    let rest = String(milliseconds % 1000)
    return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }

  private static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

  /// What XML cannot hold, not even escaped, is shown as elsewhere: `\x00`.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in VisibleText.lines(text).joined(separator: "\n").unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\n": escaped += "&#10;"
      case "\u{FFFE}", "\u{FFFF}": escaped += "\\u{\(String(scalar.value, radix: 16))}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}

extension CheckedTarget {
  fileprivate var cases: Int { checks.count + (failure == nil ? 0 : 1) }
}
