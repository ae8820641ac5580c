import BelayBase
import BelayStore
import Foundation

/// What is known of the watched targets, as text that node_exporter's textfile collector takes.
struct PrometheusText {
  struct Sample {
    let target: String
    let record: WatchRecord
    let status: TargetStatus?
  }

  private struct Labelled {
    let labels: KeyValuePairs<String, String>
    let value: Double

    init(_ labels: KeyValuePairs<String, String>, _ value: Double) {
      self.labels = labels
      self.value = value
    }
  }

  let samples: [Sample]

  var text: String {
    var lines = metric("belay_build_info", "The version of belay.", [Labelled(["version": Belay.version], 1)])
    lines += metric(
      "belay_watch_last_round_timestamp_seconds", "When the checks of a target were run last.",
      samples.compactMap { sample in
        Moment.parse(sample.record.at).map { Labelled(["target": sample.target], $0.timeIntervalSince1970) }
      })
    lines += metric(
      "belay_check_status", "How a check ended: 0 ok, 1 warning, 2 failed, 3 could not be run.",
      checks { Double($0.status.number) })
    lines += metric(
      "belay_check_duration_seconds", "How long a check took.", checks { Double($0.milliseconds) / 1000 })
    lines += metric(
      "belay_last_backup_success_timestamp_seconds", "When the last good backup was made.",
      of { $0.last.flatMap { Moment.parse($0.createdAt) }?.timeIntervalSince1970 })
    lines += metric("belay_backup_size_bytes", "The size of the last good backup.", of { $0.bytes.map(Double.init) })
    lines += metric(
      "belay_removable_archives", "Archives that no rule of retention keeps.", of { Double($0.removableArchives) })
    lines += metric("belay_removable_bytes", "The size of those archives.", of { Double($0.removableBytes) })
    lines += metric(
      "belay_last_proof_success_timestamp_seconds", "When a backup was proven by restoring it last.",
      of { status in
        status.proof.flatMap { $0.level == .restore ? Moment.parse($0.at) : nil }?.timeIntervalSince1970
      })
    return lines.joined(separator: "\n") + "\n"
  }

  private func checks(_ value: (WatchRecord.Standing) -> Double) -> [Labelled] {
    samples.flatMap { sample in
      var seen: Set<String> = []
      // Two of one name would be one series, which a scrape refuses.
      return sample.record.checks.filter { seen.insert($0.name).inserted }.map {
        Labelled(["target": sample.target, "check": $0.name], value($0))
      }
    }
  }

  private func of(_ value: (TargetStatus) -> Double?) -> [Labelled] {
    samples.compactMap { sample in sample.status.flatMap(value).map { Labelled(["target": sample.target], $0) } }
  }

  private func metric(
    _ name: String, _ help: String, _ values: [Labelled]
  ) -> [String] {
    guard !values.isEmpty else { return [] }
    return ["# HELP \(name) \(help)", "# TYPE \(name) gauge"]
      + values.map { labelled in
        let value = labelled.value
        let list = labelled.labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
        let number = value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
        return "\(name){\(list)} \(number)"
      }
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
