import Foundation

/// One HTTP request to a server on this machine, and its whole answer.
package enum LoopbackHTTP {
  package struct Answer {
    package let status: Int
    package let head: String
    package let body: Data
  }

  package static func send(
    _ method: String, _ target: String, _ body: Data = Data(), headers: [String] = [], port: UInt16
  ) throws -> Answer {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { throw failure("socket") }
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let connected = withUnsafeBytes(of: &address) { bytes in
      connect(socket, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    guard connected == 0 else { throw failure("connect") }

    let lines = [
      "\(method) \(target) HTTP/1.1", "Host: 127.0.0.1", "Connection: close", "Content-Length: \(body.count)",
    ]
    var request = Data((lines + headers + ["", ""]).joined(separator: "\r\n").utf8) + body
    while !request.isEmpty {
      let sent = request.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard sent > 0 else { throw failure("send") }
      request = Data(request.dropFirst(sent))
    }
    return try answer(received(from: socket))
  }

  private static func received(from socket: Int32) throws -> Data {
    var received = Data()
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(socket, &buffer, buffer.count, 0)
      guard count >= 0 else { throw failure("recv") }
      if count == 0 { return received }
      received.append(contentsOf: buffer[..<count])
    }
  }

  private static func answer(_ received: Data) throws -> Answer {
    guard let end = received.range(of: Data("\r\n\r\n".utf8)) else {
      throw FakeD1.Failure(description: "the server ended the connection without an answer")
    }
    let head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
    let words = head.split(separator: " ", maxSplits: 2)
    return Answer(
      status: words.count > 1 ? Int(words[1]) ?? 0 : 0, head: head, body: Data(received[end.upperBound...]))
  }

  private static func failure(_ call: String) -> FakeD1.Failure {
    FakeD1.Failure(description: "\(call): \(String(cString: strerror(errno)))")
  }
}
