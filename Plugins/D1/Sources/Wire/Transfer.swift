import BelayDriverKit
import CCurl
import Glibc
import SQLiteDialect

/// One HTTP request.
struct Request {
  /// The body of the request.
  enum Body {
    case none
    case bytes([UInt8])
    /// A file of this many bytes, sent by PUT.
    case file(String, bytes: Int64)
  }

  var method: String
  var url: String
  var headers: [String] = []
  var body = Body.none
  /// The time limit in milliseconds; nil: no limit as long as bytes are transferred.
  var timeout: Int? = 60_000
  /// It must not reach the server twice. On a reused connection, libcurl sends a request again if the connection ends
  /// before the first byte of a reply.
  var isOnce = false
  /// An open file for the reply's body; nil: memory.
  var target: Int32?
}

/// The reply.
struct Response {
  var status = 0
  var body: [UInt8] = []
  /// By name, in lower case.
  var headers: [String: String] = [:]
  /// The size of the body, wherever it was written.
  var bytes: Int64 = 0

  /// Seconds that the server asks to wait.
  var retryAfter: Int? { headers["retry-after"].flatMap { Int($0) } }
}

/// Why there is no response.
enum TransferFailure: Error {
  /// No byte of the request reached the server.
  case notSent(String)
  /// It may have been processed.
  case lost(String)
  /// The call must stop.
  case stopped
  /// Something on this machine failed: the file, memory.
  case local(DriverFailure)
}

/// One libcurl handle: its connections are kept for the next request. Used by one thread at a time.
final class Transfer {
  private let curl: OpaquePointer
  private let settings: WireSettings
  private let watch: Watch

  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  init(_ settings: WireSettings, watch: Watch) throws(DriverFailure) {
    guard Self.isReady, let handle = curl_easy_init() else {
      throw DriverFailure(.internal, "libcurl cannot be initialized")
    }
    curl = OpaquePointer(handle)
    self.settings = settings
    self.watch = watch
  }

  deinit { curl_easy_cleanup(UnsafeMutableRawPointer(curl)) }

  /// Sends a request and waits for the reply.
  /// - Parameter shielded: continues although the call must stop, to find out whether a write took effect.
  func perform(_ request: Request, shielded: Bool = false) throws(TransferFailure) -> Response {
    let handle = UnsafeMutableRawPointer(curl)
    // Nothing of an incomplete reply may remain before the next one.
    if let target = request.target {
      ftruncate(target, 0)
      lseek(target, 0, SEEK_SET)
    }
    let state = TransferState(watch: shielded ? nil : watch, target: request.target ?? -1)
    defer { state.close() }
    curl_easy_reset(handle)
    var headers: UnsafeMutablePointer<curl_slist>?
    defer { curl_slist_free_all(headers) }
    // "Expect: 100-continue" would cost a round trip, or a second if there is no reply to it.
    for header in request.headers + ["Expect:"] { headers = curl_slist_append(headers, header) }
    belay_curl_set_headers(handle, headers)
    belay_curl_set_text(handle, CURLOPT_URL, request.url)
    belay_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, request.method)
    belay_curl_set_text(handle, CURLOPT_USERAGENT, "belay-driver-d1/\(D1Driver.version)")
    belay_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, settings.protocols)
    // A redirect would send the token to another server.
    belay_curl_set_number(handle, CURLOPT_FOLLOWLOCATION, 0)
    belay_curl_set_number(handle, CURLOPT_SSL_VERIFYPEER, 1)
    belay_curl_set_number(handle, CURLOPT_SSL_VERIFYHOST, 2)
    if let file = settings.certificateFile { belay_curl_set_text(handle, CURLOPT_CAINFO, file) }
    belay_curl_set_number(handle, CURLOPT_NOSIGNAL, 1)
    belay_curl_set_number(handle, CURLOPT_CONNECTTIMEOUT_MS, 15_000)
    belay_curl_set_number(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
    belay_curl_set_number(handle, CURLOPT_LOW_SPEED_TIME, 60)
    if request.isOnce { belay_curl_set_number(handle, CURLOPT_FRESH_CONNECT, 1) }
    if let timeout = request.timeout { belay_curl_set_number(handle, CURLOPT_TIMEOUT_MS, timeout) }
    try setBody(request.body, state, handle)
    return try withExtendedLifetime(state) { () throws(TransferFailure) in
      attach(state, handle)
      let code = curl_easy_perform(handle)
      state.response.status = belay_curl_number(handle, CURLINFO_RESPONSE_CODE)
      guard code == CURLE_OK else { throw failure(code, state, handle) }
      return state.response
    }
  }

  private func setBody(
    _ body: Request.Body, _ state: TransferState, _ handle: UnsafeMutableRawPointer
  ) throws(TransferFailure) {
    switch body {
    case .none: break
    case .bytes(let bytes):
      state.outgoing = bytes
      belay_curl_set_number(handle, CURLOPT_POST, 1)
      belay_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, bytes.count)
    case .file(let path, let bytes):
      state.file = open(path, O_RDONLY | O_CLOEXEC)
      guard state.file >= 0 else {
        throw .local(DriverFailure(.io, "cannot read \(path): \(SystemFile.text(of: errno))"))
      }
      belay_curl_set_number(handle, CURLOPT_UPLOAD, 1)
      belay_curl_set_size(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(bytes))
    }
  }

  private func attach(_ state: TransferState, _ handle: UnsafeMutableRawPointer) {
    let context = Unmanaged.passUnretained(state).toOpaque()
    belay_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
    belay_curl_set_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let context, let bytes else { return 0 }
      let state = Unmanaged<TransferState>.fromOpaque(context).takeUnretainedValue()
      return state.receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    belay_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
    belay_curl_set_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      guard let context, let bytes else { return 0 }
      let state = Unmanaged<TransferState>.fromOpaque(context).takeUnretainedValue()
      state.receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
    belay_curl_set_pointer(handle, CURLOPT_READDATA, context)
    belay_curl_set_callback(handle, CURLOPT_READFUNCTION) { bytes, size, count, context in
      guard let context, let bytes else { return Int(CURL_READFUNC_ABORT) }
      let state = Unmanaged<TransferState>.fromOpaque(context).takeUnretainedValue()
      return state.send(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
    }
    belay_curl_set_number(handle, CURLOPT_NOPROGRESS, 0)
    belay_curl_set_pointer(handle, CURLOPT_XFERINFODATA, context)
    belay_curl_set_progress(handle) { context, _, _, _, _ in
      guard let context else { return 1 }
      return Unmanaged<TransferState>.fromOpaque(context).takeUnretainedValue().wantsStop ? 1 : 0
    }
  }

  private func failure(
    _ code: CURLcode, _ state: TransferState, _ handle: UnsafeMutableRawPointer
  ) -> TransferFailure {
    if let failure = state.failure { return .local(failure) }
    if code == CURLE_ABORTED_BY_CALLBACK { return .stopped }
    let words = String(cString: curl_easy_strerror(code)).lowercased()
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR:
      return .notSent(words)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT:
      return .local(
        DriverFailure(.io, words, hint: "check CLOUDFLARE_API_BASE_URL, and the system's certificates or SSL_CERT_FILE")
      )
    default:
      let wasSent = belay_curl_size(handle, CURLINFO_PRETRANSFER_TIME_T) > 0
      return wasSent ? .lost(words) : .notSent(words)
    }
  }
}

/// The data of libcurl's callbacks during one request.
private final class TransferState {
  var response = Response()
  var outgoing: [UInt8] = []
  var sent = 0
  var file: Int32 = -1
  var failure: DriverFailure?
  private let watch: Watch?
  private let target: Int32
  /// The API never sends larger replies than this.
  private static let memoryAtMost = 256 << 20

  init(watch: Watch?, target: Int32) {
    self.watch = watch
    self.target = target
  }

  var wantsStop: Bool { watch?.wantsStop ?? false }

  func close() {
    if file >= 0 { Glibc.close(file) }
    file = -1
  }

  func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    response.bytes += Int64(bytes.count)
    if target < 0 {
      guard response.body.count + bytes.count <= Self.memoryAtMost else { return 0 }
      response.body.append(contentsOf: bytes)
      return bytes.count
    }
    var rest = bytes
    while !rest.isEmpty {
      let written = write(target, rest.baseAddress, rest.count)
      if written < 0, errno == EINTR { continue }
      guard written > 0 else {
        failure = DriverFailure(
          .io, "cannot write what is downloaded: \(SystemFile.text(of: errno))", hint: "make room on the disk")
        return 0
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
    return bytes.count
  }

  func receiveHeader(_ bytes: UnsafeRawBufferPointer) {
    let line = String(decoding: bytes, as: UTF8.self)
    // If there are several replies, such as a proxy's and the server's, the last one counts.
    if line.hasPrefix("HTTP/") { response.headers = [:] }
    guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return }
    let isSpace = { (character: Character) in character == " " || character == "\r\n" || character == "\n" }
    let value = line[line.index(after: colon)...].drop(while: isSpace)
    let end = value.lastIndex { !isSpace($0) }
    response.headers[line[..<colon].lowercased()] = end.map { String(value[...$0]) } ?? ""
  }

  func send(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    if file >= 0 {
      let count = read(file, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      failure = DriverFailure(.io, "cannot read what is uploaded: \(SystemFile.text(of: errno))")
      return Int(CURL_READFUNC_ABORT)
    }
    let count = min(buffer.count, outgoing.count - sent)
    outgoing.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[sent..<sent + count])) }
    sent += count
    return count
  }
}
