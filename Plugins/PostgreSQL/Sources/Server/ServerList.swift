import CPostgreSQL

/// The servers that libpq tries one after the other, and how long to wait for each, including settings from the service
/// file and the environment. When a program polls, libpq does not apply connect_timeout itself.
struct ServerList {
  private struct Server {
    var host, address, port: String
  }

  private var servers: [Server]
  private var current: Int?
  /// nil: no limit.
  let timeout: Duration?

  init(_ handle: OpaquePointer) {
    var values: [(keyword: String, value: String)] = []
    if let options = PQconninfo(handle) {
      values = ConnectionParameters.read(options)
      PQconninfoFree(options)
    }
    func list(_ keyword: String) -> [String] {
      guard let text = values.last(where: { $0.keyword == keyword })?.value, !text.isEmpty else { return [] }
      return text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"))
    servers = (0..<max(hosts.count, addresses.count)).map { index in
      // One port is for all of them.
      let port = ports.count == 1 ? ports[0] : index < ports.count ? ports[index] : ""
      return Server(
        host: index < hosts.count ? hosts[index] : "", address: index < addresses.count ? addresses[index] : "",
        port: port)
    }
    timeout = list("connect_timeout").first.flatMap { Int($0) }.flatMap { $0 > 0 ? .seconds(max($0, 2)) : nil }
    func text(_ value: UnsafeMutablePointer<CChar>?) -> String { value.map { String(cString: $0) } ?? "" }
    let (host, port) = (text(PQhost(handle)), text(PQport(handle)))
    current = servers.firstIndex { [$0.host, $0.address].contains(host) && ($0.port == port || $0.port.isEmpty) }
  }

  /// The servers that remain when the current one is given up; nil if there are none.
  var withoutCurrent: ServerList? {
    guard let current, servers.count > 1 else { return nil }
    var others = self
    others.servers.remove(at: current)
    return others
  }

  /// For libpq.
  var words: [(String, String)] {
    var words = [("port", servers.map(\.port).joined(separator: ","))]
    if servers.contains(where: { !$0.host.isEmpty }) {
      words.append(("host", servers.map(\.host).joined(separator: ",")))
    }
    if servers.contains(where: { !$0.address.isEmpty }) {
      words.append(("hostaddr", servers.map(\.address).joined(separator: ",")))
    }
    return words
  }
}
