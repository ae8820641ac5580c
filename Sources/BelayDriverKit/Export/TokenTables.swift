import CBelayDriver

// The tables are written once, on first use, and only read from then on: hence `nonisolated(unsafe)`.
extension ExtensionTables {
  nonisolated(unsafe) static let token = permanent(
    belay_token(
      struct_size: structSize(belay_token.self), reserved: 0,
      probe: { answeringProbe($0, $1, $2, .token) },
      acquire: { connection, operation, token, error in
        answering(connection, error, as: (any TokenSharing).self) { (connection) throws(DriverFailure) in
          let sink = try ByteSink(token)
          let acquired = try connection.acquireToken(operation: Operation(handle: operation))
          do throws(DriverFailure) {
            try sink.write(acquired)
          } catch {
            // The host does not know the token, so nothing else would ever release the view.
            try connection.releaseToken(operation: Operation(handle: operation))
            throw error
          }
        }
      },
      adopt: { connection, operation, token, error in
        answering(connection, error, as: (any TokenSharing).self) { (connection) throws(DriverFailure) in
          try connection.adoptToken(try token.text("the token"), operation: Operation(handle: operation))
        }
      },
      release: { connection, operation, error in
        answering(connection, error, as: (any TokenSharing).self) { (connection) throws(DriverFailure) in
          try connection.releaseToken(operation: Operation(handle: operation))
        }
      }))

  nonisolated(unsafe) static let scratch = permanent(
    belay_scratch(
      struct_size: structSize(belay_scratch.self), reserved: 0,
      probe: { answeringProbe($0, $1, $2, .scratch) },
      create: { connection, operation, name, url, error in
        answering(connection, error, as: (any ScratchMaking).self) { (connection) throws(DriverFailure) in
          let sink = try ByteSink(url)
          try sink.write(
            try connection.createScratch(try name.text("the name"), operation: Operation(handle: operation)))
        }
      },
      promote: { connection, operation, url, error in
        answering(connection, error, as: (any ScratchMaking).self) { (connection) throws(DriverFailure) in
          try connection.promoteScratch(try url.text("the url"), operation: Operation(handle: operation))
        }
      },
      drop: { connection, operation, url, error in
        answering(connection, error, as: (any ScratchMaking).self) { (connection) throws(DriverFailure) in
          try connection.dropScratch(try url.text("the url"), operation: Operation(handle: operation))
        }
      },
      locate: { connection, operation, name, url, error in
        answering(connection, error, as: (any ScratchMaking).self) { (connection) throws(DriverFailure) in
          let sink = try ByteSink(url)
          try sink.write(
            try connection.locateScratch(try name.text("the name"), operation: Operation(handle: operation)))
        }
      }))

  nonisolated(unsafe) static let rewind = permanent(
    belay_rewind(
      struct_size: structSize(belay_rewind.self), reserved: 0,
      probe: { answeringProbe($0, $1, $2, .rewind) },
      mark: { connection, operation, bookmark, error in
        answering(connection, error, as: (any Rewinding).self) { (connection) throws(DriverFailure) in
          let sink = try ByteSink(bookmark)
          try sink.write(try connection.markBookmark(operation: Operation(handle: operation)))
        }
      },
      at: { connection, operation, milliseconds, bookmark, error in
        answering(connection, error, as: (any Rewinding).self) { (connection) throws(DriverFailure) in
          let sink = try ByteSink(bookmark)
          try sink.write(try connection.bookmark(at: milliseconds, operation: Operation(handle: operation)))
        }
      },
      rewind: { connection, operation, bookmark, undo, error in
        answering(connection, error, as: (any Rewinding).self) { (connection) throws(DriverFailure) in
          let sink = try ByteSink(undo)
          let undoing = try connection.rewind(
            to: try bookmark.text("the bookmark"), operation: Operation(handle: operation))
          try sink.write(undoing)
        }
      }))
}
