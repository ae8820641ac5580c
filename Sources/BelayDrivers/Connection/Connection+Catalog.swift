import BelayABI
import BelayRows
import CBelayDriver

extension Connection {
  /// Every object of the database, in the order that recreates them.
  package func catalog(operation: Operation) throws(DriverError) -> Catalog {
    let receiver = ItemReceiver<SchemaObject>()
    try perform(Call("catalog"), operation, defect: { receiver.defect }, isUntouched: { receiver.items.isEmpty }) {
      connection, operation, error in
      var sink = belay_objectsink(
        ctx: Unmanaged.passUnretained(receiver).toOpaque(),
        object: { context, object in
          guard let context else { return Int32(BELAY_E_INTERNAL) }
          let receiver = Unmanaged<ItemReceiver<SchemaObject>>.fromOpaque(context).takeUnretainedValue()
          return receiver.take { () throws(Traits.Malformed) in try SchemaObject(object) }
        })
      return withExtendedLifetime(receiver) { driver.table.catalog(connection, operation, &sink, error) }
    }
    return Catalog(objects: receiver.items)
  }
}

extension SchemaObject {
  fileprivate init(_ pointer: UnsafePointer<belay_object>?) throws(Traits.Malformed) {
    guard let pointer else { throw Traits.Malformed("it passed an object that is NULL") }
    let object = belay_object(reading: UnsafeRawPointer(pointer))
    let shown = "\(object.kind.shownText) \(object.name.shownText)"
    func text(_ field: String, _ text: belay_str) throws(Traits.Malformed) -> String {
      // Repaired text would name or recreate a different object.
      guard let text = text.text else { throw Traits.Malformed("the \(field) of \(shown) is not UTF-8") }
      return text
    }
    self.init(
      kind: try text("kind", object.kind), schema: try text("schema", object.schema),
      name: try text("name", object.name), parent: try text("parent", object.parent),
      nativeType: try text("native_type", object.native_type),
      definition: try text("definition", object.definition), ddl: try text("ddl", object.ddl),
      drop: object.drop.len == 0 ? nil : try text("drop", object.drop), flags: ObjectFlags(rawValue: object.flags),
      rowEstimate: object.kind.text == "table" && object.row_estimate >= 0 ? Int(object.row_estimate) : nil,
      id: try text("id", object.id))
    guard !kind.isEmpty else { throw Traits.Malformed("it passed an object without a kind") }
  }
}
