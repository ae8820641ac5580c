import FoundationEssentials

/// Seconds since 1970 of an ISO 8601 moment in UTC; 0 if it is invalid, because an mtime is not worth a failure.
func seconds(_ moment: String) -> Int {
  guard let date = try? Date(moment, strategy: .iso8601) else { return 0 }
  return Int(date.timeIntervalSince1970)
}
