extension Driver {
  /// Makes one call, under the eyes of the trace if there is one.
  func traced<Value>(_ call: Call, _ body: () throws(DriverError) -> Value) throws(DriverError) -> Value {
    guard let trace else { return try body() }
    trace.began(call.name, sql: call.sql)
    do throws(DriverError) {
      let value = try body()
      trace.ended(nil)
      return value
    } catch {
      trace.ended(error)
      throw error
    }
  }
}
