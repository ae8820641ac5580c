import BelayABI
import BelayRows
import CBelayDriver

/// Receives the objects of a catalog.
public final class ObjectWriter {
  private let sink: belay_objectsink

  init(_ sink: belay_objectsink) { self.sink = sink }

  /// Passes one object to the host.
  public func write(_ object: SchemaObject) throws(DriverFailure) {
    let texts = [
      object.kind, object.schema, object.name, object.parent, object.nativeType, object.definition, object.ddl,
      object.drop ?? "", object.id,
    ]
    let code = texts.withBorrowed { strings in
      var described = belay_object(
        struct_size: UInt32(MemoryLayout<belay_object>.size), flags: object.flags.rawValue, kind: strings[0],
        schema: strings[1], name: strings[2], parent: strings[3], native_type: strings[4], definition: strings[5],
        ddl: strings[6], row_estimate: Int64(object.rowEstimate ?? -1), drop: strings[7],
        id: strings[8])
      return sink.object(sink.ctx, &described)
    }
    if code != 0 { throw .handedOn(code) }
  }
}
