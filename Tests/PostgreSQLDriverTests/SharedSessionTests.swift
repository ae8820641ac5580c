import BelayDrivers
import DriverTesting
import Foundation
import Testing

/// A connection through a pooler: one that stays with its session, and one that does not.
@Suite struct SharedSessionTests {
  /// A pooler for clients of a Unix socket: `transaction` hands each transaction whatever session is idle, as pgbouncer
  /// does, and tells its clients keys of its own.
  private static let pooler = #"""
    import asyncio, random, struct, sys
    listen, server, mode = sys.argv[1:4]
    idle = {}
    def packed(kind, body): return kind + struct.pack('!I', len(body) + 4) + body
    async def message(reader):
        kind = await reader.readexactly(1)
        return kind, await reader.readexactly(struct.unpack('!I', await reader.readexactly(4))[0] - 4)
    async def connect(words):
        reader, writer = await asyncio.open_unix_connection(server)
        writer.write(packed(b'', struct.pack('!I', 196608) + words + b'\0'))
        status = []
        while True:
            kind, body = await message(reader)
            if kind == b'S': status.append(packed(kind, body))
            if kind == b'Z': return reader, writer, status
    async def client(reader, writer):
        session = None
        try:
            while True:
                body = await reader.readexactly(struct.unpack('!I', await reader.readexactly(4))[0] - 4)
                code = struct.unpack('!I', body[:4])[0]
                if code == 196608: break
                if code == 80877102: return
                writer.write(b'N')
            parts = body[4:].split(b'\0')
            told = dict(zip(parts[0::2], parts[1::2]))
            words = b''.join(k + b'\0' + told[k] + b'\0' for k in (b'user', b'database', b'client_encoding') if k in told)
            pool = idle.setdefault(words, [])
            session = pool.pop() if pool and mode == 'transaction' else await connect(words)
            writer.write(packed(b'R', struct.pack('!I', 0)) + b''.join(session[2])
                + packed(b'K', struct.pack('!II', random.getrandbits(31), 1)) + packed(b'Z', b'I'))
            while True:
                if mode == 'transaction' and session: pool.append(session); session = None
                free = False
                while not free:
                    kind, body = await message(reader)
                    if kind == b'X': return
                    if not session: session = pool.pop() if pool else await connect(words)
                    session[1].write(packed(kind, body))
                    while kind in (b'Q', b'S'):
                        answer, body = await message(session[0])
                        writer.write(packed(answer, body))
                        if answer == b'Z':
                            free = body == b'I'
                            break
        except (asyncio.IncompleteReadError, ConnectionError): pass
        finally:
            if session: session[1].close()
            writer.close()
    async def main():
        async with await asyncio.start_unix_server(client, listen) as listener:
            print('ready', flush=True)
            await listener.serve_forever()
    asyncio.run(main())
    """#

  private func open(_ mode: String, _ body: (String) throws -> Void) throws {
    let (folder, sample) = (try TemporaryFolder(), try Sample())
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", "-c", Self.pooler, folder(".s.PGSQL.6432"), sample.server.folder + "/.s.PGSQL.5432", mode,
    ]
    process.standardOutput = output
    try process.run()
    defer { process.end() }
    try #require(output.fileHandleForReading.availableData.starts(with: "ready".utf8))
    try body("postgres://postgres@/\(sample.name)?host=\(folder(""))&port=6432")
  }

  @Test func `a pooler that hands sessions on is named, before anything is set in one`() throws {
    try open("transaction") { url in
      for options in [[], [DriverOption(key: "read_only", value: "1", isSecret: false)]] {
        let error = try failure {
          _ = try BuiltDriver.postgresql.get().open(url, options: options, operation: Operation())
        }
        #expect(error.code == .unsupported && error.message.contains("connection pooler"))
        #expect(error.hint?.contains("session mode") == true)
      }
    }
  }

  @Test func `one that stays with its session does`() throws {
    try open("session") { url in
      let connection = try BuiltDriver.postgresql.get().open(url, options: [], operation: Operation())
      defer { connection.close() }
      #expect(try connection.first("SELECT current_setting('statement_timeout')") == .text("0"))
    }
  }
}
