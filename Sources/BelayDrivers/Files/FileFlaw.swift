/// Why a file about drivers (a record, a signature, a list of keys) cannot be used. The hint says how to correct it, if
/// that is known.
struct FileFlaw: Error {
  let reason: String
  var hint: String?
}
