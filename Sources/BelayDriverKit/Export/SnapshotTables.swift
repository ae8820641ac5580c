import CBelayDriver

// The tables are written once, on first use, and only read from then on: hence `nonisolated(unsafe)`.
extension ExtensionTables {
  nonisolated(unsafe) static let snapshot = permanent(
    belay_snapshot(
      struct_size: structSize(belay_snapshot.self), reserved: 0,
      probe: { answeringProbe($0, $1, $2, .snapshot) },
      formats: { connection in
        guard let connection else { return belay_str(ptr: nil, len: 0) }
        let box = ConnectionBox.borrowed(connection)
        let formats = (box.connection as? any Snapshotting)?.formats() ?? []
        return box.texts.keep(formats.map(\.entry).joined(separator: " "))
      },
      dump: { connection, operation, format, token, sink, error in
        answering(connection, error, as: (any Snapshotting).self) { (connection) throws(DriverFailure) in
          try connection.dump(
            try format.text("the format"), token: try given(token), operation: Operation(handle: operation),
            to: try ByteSink(sink))
        }
      },
      verify: { connection, operation, format, source, error in
        answering(connection, error, as: (any Snapshotting).self) { (connection) throws(DriverFailure) in
          try connection.verify(
            try format.text("the format"), operation: Operation(handle: operation), from: try ByteSource(source))
        }
      },
      restore: { connection, operation, format, source, error in
        answering(connection, error, as: (any Snapshotting).self) { (connection) throws(DriverFailure) in
          try connection.restore(
            try format.text("the format"), operation: Operation(handle: operation), from: try ByteSource(source))
        }
      },
      text: DriverPort.connectionType is any DumpRendering.Type
        ? { connection, operation, format, source, sink, error in
          answering(connection, error, as: (any DumpRendering).self) { (connection) throws(DriverFailure) in
            try connection.renderText(
              try format.text("the format"), operation: Operation(handle: operation), from: try ByteSource(source),
              to: try ByteSink(sink))
          }
        } : nil))
}

/// An empty token means that there is none.
private func given(_ token: belay_str) throws(DriverFailure) -> String? {
  token.len == 0 ? nil : try token.text("the token")
}

extension ByteSink {
  init(_ sink: UnsafePointer<belay_sink>?) throws(DriverFailure) {
    guard let sink else { throw DriverFailure(.invalid, "there is nowhere to write to") }
    self.init(sink: sink.pointee)
  }
}

extension ByteSource {
  init(_ source: UnsafePointer<belay_source>?) throws(DriverFailure) {
    guard let source else { throw DriverFailure(.invalid, "there is nothing to read from") }
    self.init(source: source.pointee)
  }
}
