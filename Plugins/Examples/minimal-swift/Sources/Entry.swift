import BelayDriverKit
import CBelayDriver

/// The one symbol that this shared object exports.
@c(belay_driver_v1)
public func belayDriverEntry(_ host: UnsafePointer<belay_host>?) -> UnsafePointer<belay_driver>? {
  DriverExport.export(EntryDriver.self, host)
}
