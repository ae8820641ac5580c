//! Between belay's header and safe Rust: what a driver in Rust needs whatever its engine is. No panic leaves it, every
//! failure says what the call did to the database, and nothing is written to stdout or stderr.

use crate::abi::*;
use std::any::Any;
use std::cell::RefCell;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::null_mut;
use std::slice;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, Once};

static HOST: AtomicPtr<belay_host> = AtomicPtr::new(null_mut());

thread_local! {
    /// Where this thread has panicked: file, line, column.
    static PLACE: RefCell<String> = RefCell::new(String::new());
}

/// Where the last panic was, on whatever thread: one that the driver has started may hand its panic to the call that joins
/// it.
static LAST_PLACE: Mutex<String> = Mutex::new(String::new());

/// Called once, by `belay_driver_v1`.
pub fn begin(host: *const belay_host) {
    static ONCE: Once = Once::new();
    HOST.store(host as *mut belay_host, Ordering::Release);
    // This library has a copy of Rust's runtime to itself, so that this is of no other driver.
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(|place| place.to_string()).unwrap_or_default();
            if let Ok(mut last) = LAST_PLACE.lock() {
                last.clone_from(&place);
            }
            PLACE.with(|known| *known.borrow_mut() = place);
        }))
    });
}

fn host() -> &'static belay_host {
    // Valid until the process ends, and given before any other call.
    unsafe { &*HOST.load(Ordering::Acquire) }
}

// ---- Failures ----

/// Why a call failed, and what it did to the database.
pub struct Failure {
    code: i32,
    outcome: u32,
    offset: i64,
    state: String,
    vendor: i64,
    message: String,
    hint: String,
}

impl Failure {
    /// `code`: BELAY_E_*. The call had no effect, unless `outcome` says something else.
    pub fn new(code: i32, message: impl Into<String>) -> Failure {
        Failure {
            code,
            outcome: BELAY_NOT_APPLIED,
            offset: -1,
            state: String::new(),
            vendor: 0,
            message: message.into(),
            hint: String::new(),
        }
    }

    /// BELAY_APPLIED, BELAY_PARTIAL or BELAY_OUTCOME_UNKNOWN.
    pub fn outcome(self, outcome: u32) -> Failure {
        Failure { outcome, ..self }
    }

    /// The byte of the statement that is wrong.
    pub fn at(self, offset: usize) -> Failure {
        Failure { offset: offset as i64, ..self }
    }

    /// What the engine says: the SQLSTATE, five characters or none, and its own number, or 0. With BELAY_E_BUSY and a
    /// state of class 40 the host begins the transaction anew.
    #[allow(dead_code)]
    pub fn engine(self, state: impl Into<String>, vendor: i64) -> Failure {
        Failure { state: state.into(), vendor, ..self }
    }

    /// What the user can do about it.
    #[allow(dead_code)]
    pub fn hint(self, hint: impl Into<String>) -> Failure {
        Failure { hint: hint.into(), ..self }
    }

    fn report(&self, error: *mut belay_error) -> i32 {
        if let Some(fail) = host().fail {
            let (message, hint) = (belay_str::new(&self.message), belay_str::new(&self.hint));
            let state = belay_str::new(&self.state);
            unsafe { fail(error, self.code, self.outcome, state, self.vendor, self.offset, message, hint) };
        }
        self.code
    }
}

/// Why a call ends before its time.
pub enum Stopped {
    Failed(Failure),
    /// A sink wants no more: its code is returned unchanged.
    BySink(i32),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Stopped {
        Stopped::Failed(failure)
    }
}

/// Runs the body of a call, and returns the call's code. A panic becomes a failure whose outcome is unknown.
pub fn guarded(error: *mut belay_error, body: impl FnOnce() -> Result<(), Stopped>) -> i32 {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => BELAY_OK,
        Ok(Err(Stopped::BySink(code))) => code,
        Ok(Err(Stopped::Failed(failure))) => failure.report(error),
        Err(panic) => Failure::new(BELAY_E_INTERNAL, said(&*panic)).outcome(BELAY_OUTCOME_UNKNOWN).report(error),
    }
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text.as_str(),
        _ => "something that is no text",
    };
    let own = PLACE.with(|place| std::mem::take(&mut *place.borrow_mut()));
    let place = if own.is_empty() { LAST_PLACE.lock().map(|last| last.clone()).unwrap_or_default() } else { own };
    format!("the driver panicked at {place}: {text}")
}

// ---- The running call ----

pub struct Operation {
    op: *mut belay_op,
}

impl Operation {
    pub fn new(op: *mut belay_op) -> Operation {
        Operation { op }
    }

    /// Fails if the call must stop. Call it at least every 100 ms or 1 MiB.
    pub fn check(&self) -> Result<(), Failure> {
        if host().cancelled.map_or(0, |cancelled| unsafe { cancelled(self.op) }) != 0 {
            return Err(Failure::new(BELAY_E_CANCELLED, "cancelled"));
        }
        match self.remaining_ms() {
            Some(0) => Err(Failure::new(BELAY_E_TIMEOUT, "the time allowed has passed")),
            _ => Ok(()),
        }
    }

    /// Until the deadline, if there is one: the timeout of a statement.
    pub fn remaining_ms(&self) -> Option<u64> {
        let left = host().remaining_ms.map_or(-1, |remaining| unsafe { remaining(self.op) });
        u64::try_from(left).ok()
    }

    /// At most about every 50 ms.
    #[allow(dead_code)]
    pub fn progress(&self, done: u64, total: u64, what: &str) {
        if let Some(progress) = host().progress {
            unsafe { progress(self.op, done, total, belay_str::new(what)) };
        }
    }

    /// `level`: BELAY_LOG_*.
    #[allow(dead_code)]
    pub fn log(&self, level: i32, line: &str) {
        if let Some(log) = host().log {
            unsafe { log(self.op, level, belay_str::new(line)) };
        }
    }
}

// ---- What the host passes. Valid until the call returns. ----

unsafe fn elements<'a, T>(first: *const T, n: u64) -> &'a [T] {
    if n == 0 || first.is_null() {
        return &[];
    }
    slice::from_raw_parts(first, n as usize)
}

/// # Safety
/// `given` comes from the host, in the running call.
pub unsafe fn text<'a>(given: belay_str) -> Result<&'a str, Failure> {
    std::str::from_utf8(elements(given.ptr as *const u8, given.len))
        .map_err(|_| Failure::new(BELAY_E_INVALID, "text that is not UTF-8"))
}

/// The options of `open`, `url` first.
/// # Safety
/// They come from the host, in the running call.
pub unsafe fn options<'a>(given: *const belay_option, n: u32) -> Result<Vec<(&'a str, &'a str)>, Failure> {
    elements(given, n.into()).iter().map(|option| Ok((text(option.key)?, text(option.value)?))).collect()
}

/// One value.
#[derive(Clone, Copy)]
#[allow(dead_code)]
pub enum Cell<'a> {
    Null,
    Bool(bool),
    I64(i64),
    F64(f64),
    /// UTF-8.
    Text(&'a [u8]),
    Blob(&'a [u8]),
    /// The server's own text of a value that the other types would not keep as it is.
    Native(&'a [u8]),
}

impl<'a> Cell<'a> {
    /// # Safety
    /// The cell comes from the host, in the running call.
    unsafe fn from(cell: &belay_cell) -> Cell<'a> {
        let bytes = || elements(cell.v.ptr as *const u8, cell.len);
        match cell.r#type {
            BELAY_BOOL => Cell::Bool(cell.v.i64 != 0),
            BELAY_I64 => Cell::I64(cell.v.i64),
            BELAY_F64 => Cell::F64(cell.v.f64),
            BELAY_TEXT => Cell::Text(bytes()),
            BELAY_BLOB => Cell::Blob(bytes()),
            BELAY_NATIVE => Cell::Native(bytes()),
            _ => Cell::Null,
        }
    }

    /// For the host. It points to this cell's bytes.
    fn lent(&self) -> belay_cell {
        let new = |r#type, v, len: usize| belay_cell { r#type, reserved: 0, v, len: len as u64 };
        let bytes = |r#type, bytes: &[u8]| new(r#type, belay_cell_v { ptr: bytes.as_ptr() as *const _ }, bytes.len());
        match *self {
            Cell::Null => new(BELAY_NULL, belay_cell_v { i64: 0 }, 0),
            Cell::Bool(value) => new(BELAY_BOOL, belay_cell_v { i64: value.into() }, 0),
            Cell::I64(value) => new(BELAY_I64, belay_cell_v { i64: value }, 0),
            Cell::F64(value) => new(BELAY_F64, belay_cell_v { f64: value }, 0),
            Cell::Text(value) => bytes(BELAY_TEXT, value),
            Cell::Blob(value) => bytes(BELAY_BLOB, value),
            Cell::Native(value) => bytes(BELAY_NATIVE, value),
        }
    }

    fn byte_count(&self) -> usize {
        match self {
            Cell::Text(bytes) | Cell::Blob(bytes) | Cell::Native(bytes) => bytes.len(),
            _ => 0,
        }
    }
}

/// The rows of parameters; None if there are no parameters.
/// # Safety
/// `batch` comes from the host, in the running call.
pub unsafe fn parameters<'a>(batch: *const belay_batch) -> Option<impl Iterator<Item = Vec<Cell<'a>>>> {
    let batch = batch.as_ref()?;
    let width = batch.ncols as usize;
    let cells: &'a [belay_cell] = elements(batch.cells, batch.nrows * u64::from(batch.ncols));
    let row = move |row: usize| cells[row * width..][..width].iter().map(|cell| Cell::from(cell)).collect();
    Some((0..batch.nrows as usize).map(row))
}

// ---- What the driver writes ----

/// Collects rows into batches of at most about 1 MiB. Their bytes are not copied, so they have to outlive it.
pub struct RowWriter<'a> {
    sink: *const belay_rowsink,
    operation: &'a Operation,
    cells: Vec<belay_cell>,
    width: usize,
    bytes: usize,
}

impl<'a> RowWriter<'a> {
    /// Tells the host the columns, name and native type, which it must know even if there are no rows.
    /// # Safety
    /// `sink` comes from the host, in the running call.
    pub unsafe fn new(
        sink: *const belay_rowsink, operation: &'a Operation, columns: &[(&str, &str)],
    ) -> Result<RowWriter<'a>, Stopped> {
        let shown: Vec<belay_column> = columns
            .iter()
            .map(|(name, kind)| belay_column {
                name: belay_str::new(name),
                native_type: belay_str::new(kind),
                ..Default::default()
            })
            .collect();
        let code = (*sink).columns.map_or(BELAY_OK, |tell| tell((*sink).ctx, shown.as_ptr(), shown.len() as u32));
        wanted(code)?;
        Ok(RowWriter { sink, operation, cells: Vec::new(), width: columns.len(), bytes: 0 })
    }

    pub fn row<const WIDTH: usize>(&mut self, row: [Cell<'a>; WIDTH]) -> Result<(), Stopped> {
        assert_eq!(WIDTH, self.width, "a row has one value for each column");
        let more: usize = row.iter().map(Cell::byte_count).sum();
        if self.bytes + more > 1 << 20 || self.cells.len() >= 4096 {
            self.flush()?;
        }
        self.cells.extend(row.iter().map(Cell::lent));
        self.bytes += more;
        Ok(())
    }

    /// Must come last: what was not passed on yet would be missing.
    pub fn finish(mut self) -> Result<(), Stopped> {
        self.flush()
    }

    fn flush(&mut self) -> Result<(), Stopped> {
        self.operation.check()?;
        if self.cells.is_empty() {
            return Ok(());
        }
        let batch = belay_batch {
            cells: self.cells.as_ptr(),
            nrows: (self.cells.len() / self.width) as u64,
            ncols: self.width as u32,
            reserved: 0,
        };
        let code = unsafe { (*self.sink).rows.map_or(BELAY_OK, |rows| rows((*self.sink).ctx, &batch)) };
        self.cells.clear();
        self.bytes = 0;
        wanted(code)
    }
}

/// Lists objects of the catalog.
/// # Safety
/// `sink` comes from the host, in the running call.
pub unsafe fn objects(sink: *const belay_objectsink, objects: &[belay_object]) -> Result<(), Stopped> {
    objects.iter().try_for_each(|object| wanted((*sink).object.map_or(BELAY_OK, |one| one((*sink).ctx, object))))
}

fn wanted(code: i32) -> Result<(), Stopped> {
    if code == BELAY_OK {
        Ok(())
    } else {
        Err(Stopped::BySink(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    static REPORTED: Mutex<Vec<(i32, u32, String)>> = Mutex::new(Vec::new());
    static ENGINE: Mutex<Vec<(String, i64)>> = Mutex::new(Vec::new());
    /// Both tests report to the same host.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

    unsafe extern "C" fn fail(
        _error: *mut belay_error, code: i32, outcome: u32, state: belay_str, number: i64, _offset: i64,
        message: belay_str, _hint: belay_str,
    ) -> i32 {
        let message = text(message).unwrap_or_default().to_string();
        REPORTED.lock().unwrap().push((code, outcome, message));
        ENGINE.lock().unwrap().push((text(state).unwrap_or_default().to_string(), number));
        code
    }

    fn begin_anew() -> std::sync::MutexGuard<'static, ()> {
        let alone = ONE_AT_A_TIME.lock().unwrap();
        begin(Box::leak(Box::new(belay_host { fail: Some(fail), ..Default::default() })));
        REPORTED.lock().unwrap().clear();
        ENGINE.lock().unwrap().clear();
        alone
    }

    #[test]
    fn a_failure_has_the_state_and_the_number_of_the_engine() {
        let _alone = begin_anew();
        let busy = || Err(Failure::new(BELAY_E_BUSY, "update conflict").engine("40001", 335544336).into());
        assert_eq!(guarded(null_mut(), busy), BELAY_E_BUSY);
        assert_eq!(guarded(null_mut(), || Err(Failure::new(BELAY_E_IO, "gone").into())), BELAY_E_IO);
        assert_eq!(*ENGINE.lock().unwrap(), [("40001".to_string(), 335544336), (String::new(), 0)]);
    }

    #[test]
    fn a_panic_becomes_a_failure_of_unknown_outcome() {
        let _alone = begin_anew();
        let absent: Option<String> = None;
        assert_eq!(guarded(null_mut(), || panic!("{} stones", 3)), BELAY_E_INTERNAL);
        let broken = || absent.map(drop).ok_or(()).map_err(|_| panic!("a stone"));
        assert_eq!(guarded(null_mut(), broken), BELAY_E_INTERNAL);
        let far =
            || std::thread::spawn(|| panic!("a far stone")).join().map_err(|panic| std::panic::resume_unwind(panic));
        assert_eq!(guarded(null_mut(), far), BELAY_E_INTERNAL);
        assert_eq!(guarded(null_mut(), || Err(Stopped::BySink(-7))), -7);
        assert_eq!(guarded(null_mut(), || Ok(())), BELAY_OK);
        let reported = REPORTED.lock().unwrap();
        assert_eq!(reported.len(), 3);
        assert!(reported.iter().all(|each| each.1 == BELAY_OUTCOME_UNKNOWN && each.2.contains("src/border.rs:")));
        assert!(reported[0].2.ends_with("3 stones") && reported[1].2.ends_with("a stone"));
        assert!(reported[2].2.ends_with("a far stone"));
    }
}
