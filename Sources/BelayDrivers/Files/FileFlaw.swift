/// Why a file that belongs to a driver is of no use.
struct FileFlaw: Error {
  let reason: String
  let hint: String?
}
