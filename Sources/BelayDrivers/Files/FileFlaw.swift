/// Why a file is of no use that says something of drivers: a record, a signature, a list of keys. The hint cures it where
/// one can be given.
struct FileFlaw: Error {
  let reason: String
  var hint: String?
}
