import FoundationEssentials

/// Seconds since 1970 of an ISO 8601 moment in UTC; 0 where it is none, since an mtime is not worth failing for.
func seconds(_ moment: String) -> Int {
  guard let date = try? Date(moment, strategy: .iso8601) else { return 0 }
  return Int(date.timeIntervalSince1970)
}
