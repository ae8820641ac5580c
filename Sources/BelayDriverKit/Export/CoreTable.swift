import BelayABI
import CBelayDriver

/// The mandatory core, as C functions.
enum CoreTable {
  // Not generic over the driver: a C function cannot capture a type.
  static func make(id: String, version: String, schemes: [String]) -> belay_driver {
    belay_driver(
      struct_size: structSize(belay_driver.self), abi_minor: UInt32(BELAY_ABI_MINOR), id: permanentText(id),
      version: permanentText(version), url_schemes: permanentText(schemes.joined(separator: " ")),
      open: { options, count, operation, connection, error in
        answering(error) { () throws(DriverFailure) in
          guard let connection, let open = DriverPort.open else {
            throw DriverFailure(.invalid, "there is nowhere to put the connection")
          }
          var (url, settings) = try CoreTable.read(options, count)
          let opened = try open(url, &settings, Operation(handle: operation))
          connection.pointee = ConnectionBox(opened).handOver()
        }
      },
      close: { connection in
        guard let connection else { return }
        ConnectionBox.takeBack(connection).connection.close()
      },
      describe: { connection, traits, error in
        answering(connection, error) { (described) throws(DriverFailure) in
          guard let traits, let connection else { throw DriverFailure(.invalid, "there is nowhere to put the traits") }
          let known = try described.traits()
          known.write(to: traits, keeping: ConnectionBox.borrowed(connection).texts)
        }
      },
      execute: { connection, operation, sql, parameters, affected, error in
        answering(connection, error) { (connection) throws(DriverFailure) in
          let sql = try sql.text("the SQL text")
          let operation = Operation(handle: operation)
          let changed: Int64?
          if let parameters {
            changed = try connection.execute(sql, rows: Parameters(batch: parameters.pointee), operation: operation)
          } else {
            changed = try connection.execute(sql, operation: operation)
          }
          affected?.pointee = changed ?? -1
        }
      },
      query: { connection, operation, sql, parameters, rows, error in
        answering(connection, error) { (connection) throws(DriverFailure) in
          guard let rows else { throw DriverFailure(.invalid, "there is nowhere to put the rows") }
          let writer = RowWriter(rows.pointee)
          try connection.query(
            try sql.text("the SQL text"), parameters: parameters.map { Parameters(batch: $0.pointee) },
            operation: Operation(handle: operation), into: writer)
          try writer.finish()
        }
      },
      catalog: { connection, operation, objects, error in
        answering(connection, error) { (connection) throws(DriverFailure) in
          guard let objects else { throw DriverFailure(.invalid, "there is nowhere to put the objects") }
          try connection.catalog(operation: Operation(handle: operation), into: ObjectWriter(objects.pointee))
        }
      },
      interrupt: { connection in
        guard let connection else { return }
        ConnectionBox.borrowed(connection).connection.interrupt()
      },
      extension: { id in
        guard let id, let feature = DriverExtension(rawValue: String(cString: id)) else { return nil }
        return ExtensionTables.table(for: feature)
      },
      redirect: { url, operation, target, error in
        answering(error) { () throws(DriverFailure) in
          guard let redirect = DriverPort.redirect else { return }
          let sink = try ByteSink(target)
          let other = try redirect(try url.text("the url"), Operation(handle: operation))
          if let other { try sink.write(other) }
        }
      })
  }

  private static func read(
    _ options: UnsafePointer<belay_option>?, _ count: UInt32
  ) throws(DriverFailure) -> (url: String, Options) {
    var settings: [(key: String, value: String)] = []
    for option in UnsafeBufferPointer(start: options, count: options == nil ? 0 : Int(count)) {
      let key = try option.key.text("an option's name")
      settings.append((key, try option.value.text("option \(key)")))
    }
    guard let first = settings.first, first.key == "url" else {
      throw DriverFailure(.invalid, "the first option is not the url")
    }
    return (first.value, Options(Array(settings.dropFirst())))
  }

  private static func permanentText(_ text: String) -> UnsafePointer<CChar> {
    let utf8 = Array(text.utf8CString)
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: utf8.count)
    copy.initialize(from: utf8, count: utf8.count)
    return UnsafePointer(copy)
  }
}
