import CPostgreSQL
import Glibc

/// What a server says to one of PostgreSQL's programs, in version 3 of its protocol: gathered, then sent at once.
struct ProgramMessages {
  private(set) var bytes: [UInt8] = []

  var isWorthSending: Bool { bytes.count >= 256 << 10 }

  mutating func clear() { bytes.removeAll(keepingCapacity: true) }

  // MARK: Pieces

  private mutating func put(_ number: Int32) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func put(_ number: Int16) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }

  /// Up to its NUL, and the NUL.
  private mutating func put(_ text: UnsafePointer<CChar>?) {
    if let text { bytes.append(contentsOf: UnsafeRawBufferPointer(start: text, count: strlen(text))) }
    bytes.append(0)
  }

  private mutating func message(_ type: Unicode.Scalar, _ body: (inout ProgramMessages) -> Void) {
    bytes.append(UInt8(truncatingIfNeeded: type.value))
    let start = bytes.count
    put(Int32(0))
    body(&self)
    let length = Int32(bytes.count - start)
    withUnsafeBytes(of: length.bigEndian) { bytes.replaceSubrange(start..<start + 4, with: $0) }
  }

  // MARK: The beginning

  /// No encryption: the socket is private.
  mutating func refuseEncryption() { bytes.append(UInt8(ascii: "N")) }

  mutating func welcome(_ handle: OpaquePointer?) {
    message("R") { $0.put(Int32(0)) }
    for name in Self.reported { parameter(name, handle) }
    message("K") {
      $0.put(PQbackendPID(handle))
      $0.put(Int32(0))
    }
  }

  private static let reported = [
    "server_version", "server_encoding", "client_encoding", "application_name", "is_superuser",
    "session_authorization", "DateStyle", "IntervalStyle", "TimeZone", "integer_datetimes",
    "standard_conforming_strings", "default_transaction_read_only", "in_hot_standby",
  ]

  private mutating func parameter(_ name: String, _ handle: OpaquePointer?) {
    guard let value = PQparameterStatus(handle, name) else { return }
    message("S") {
      $0.put(name)
      $0.put(value)
    }
  }

  // MARK: Results

  /// The next request may come.
  mutating func ready(_ handle: OpaquePointer?) {
    let state: Unicode.Scalar =
      switch PQtransactionStatus(handle) {
      case PQTRANS_INERROR: "E"
      case PQTRANS_IDLE: "I"
      default: "T"
      }
    message("Z") { $0.bytes.append(UInt8(truncatingIfNeeded: state.value)) }
  }

  mutating func done(_ words: UnsafePointer<CChar>?) { message("C") { $0.put(words) } }

  mutating func nothingAsked() { message("I") { _ in } }

  mutating func rows(_ result: OpaquePointer) {
    let width = PQnfields(result)
    message("T") { message in
      message.put(Int16(width))
      for column in 0..<width {
        message.put(PQfname(result, column))
        message.put(Int32(bitPattern: PQftable(result, column)))
        message.put(Int16(truncatingIfNeeded: PQftablecol(result, column)))
        message.put(Int32(bitPattern: PQftype(result, column)))
        message.put(Int16(truncatingIfNeeded: PQfsize(result, column)))
        message.put(PQfmod(result, column))
        message.put(Int16(PQfformat(result, column)))
      }
    }
    for row in 0..<PQntuples(result) {
      message("D") { message in
        message.put(Int16(width))
        for column in 0..<width {
          guard PQgetisnull(result, row, column) == 0 else {
            message.put(Int32(-1))
            continue
          }
          let length = PQgetlength(result, row, column)
          message.put(length)
          message.bytes.append(
            contentsOf: UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: Int(length)))
        }
      }
    }
  }

  mutating func copyBegins(_ result: OpaquePointer) {
    let width = PQnfields(result)
    message("H") { message in
      message.bytes.append(UInt8(PQbinaryTuples(result)))
      message.put(Int16(width))
      for column in 0..<width { message.put(Int16(PQfformat(result, column))) }
    }
  }

  mutating func copied(_ row: UnsafeRawBufferPointer) {
    bytes.append(UInt8(ascii: "d"))
    put(Int32(row.count + 4))
    bytes.append(contentsOf: row)
  }

  mutating func copyEnds() { message("c") { _ in } }

  mutating func returned(_ value: ArraySlice<UInt8>) {
    message("V") {
      $0.put(Int32(value.count))
      $0.bytes += value
    }
  }

  mutating func returned(_ number: Int32) {
    message("V") {
      $0.put(Int32(4))
      $0.put(number)
    }
  }

  // MARK: Errors

  private static let fields: [Unicode.Scalar] = [
    "S", "V", "C", "M", "D", "H", "P", "p", "q", "W", "s", "t", "c", "d", "n", "F", "L", "R",
  ]

  mutating func error(_ result: OpaquePointer?) {
    message("E") { message in
      for field in Self.fields {
        guard let text = PQresultErrorField(result, Int32(field.value)) else { continue }
        message.bytes.append(UInt8(truncatingIfNeeded: field.value))
        message.put(text)
      }
      message.bytes.append(0)
    }
  }

  /// One of belay's own.
  mutating func error(_ severity: String, _ sqlState: String, _ text: String) {
    message("E") { message in
      for (field, value) in [("S", severity), ("V", severity), ("C", sqlState), ("M", text)] {
        message.bytes += Array(field.utf8)
        message.put(value)
      }
      message.bytes.append(0)
    }
  }
}
