"""The header for drivers in Rust: its structs, constants and comments, and asserts that they lie where C has them."""

import re
import textwrap

from read import HEADER, LAYOUT, ROOT, read

RUST = ROOT / "Plugins/Examples/minimal-rust/src/belay_driver.rs"

HEAD = """//! The belay driver ABI, major version 1, for Rust: `belay_driver.h` in Rust's words.
//!
//! Written by `scripts/abi rust` of belay's sources from the header; not to be changed by hand. Names are those of the
//! header, where the rules for both sides stand too.
#![allow(non_camel_case_types, dead_code)]

use std::mem::{size_of, MaybeUninit};
use std::os::raw::{c_char, c_void};
use std::ptr::null;

pub const BELAY_ABI_MAJOR: u32 = 1;
pub const BELAY_ABI_MINOR: u32 = MINOR;

/// Whether a slot is there: of a struct that the other side has filled, which may be older than this one, through a pointer
/// to it. Must be used for every slot that may be absent.
#[macro_export]
macro_rules! belay_has {
    ($pointer:expr, $member:ident) => {{
        let pointer = $pointer;
        // The place is computed, and not read.
        !pointer.is_null() && {
            let slot = std::ptr::addr_of!((*pointer).$member);
            let end = slot.add(1) as usize - pointer as usize;
            (*pointer).struct_size as usize >= end
        }
    }};
}
"""

TYPES = {
    "uint32_t": "u32", "int32_t": "i32", "uint64_t": "u64", "int64_t": "i64", "double": "f64", "void": "c_void",
    "char": "c_char",
}
# The names of fields that Rust has taken.
WORDS = {"type": "r#type", "ref": "r#ref", "match": "r#match"}


def comment(text, indent=""):
    """A doc comment; nothing where there is no text."""
    if not text:
        return ""
    mark = f"{indent}/// "
    # What looks like a link or a tag in Rust's documentation, and is none.
    text = re.sub(r"([\[\]<>])", r"\\\1", text)
    lines = textwrap.wrap(text, 118 - len(mark), break_long_words=False, break_on_hyphens=False)
    return "".join(f"{mark}{line}\n" for line in lines)


def rust_type(words):
    """`const belay_cell *` as `*const belay_cell`."""
    stars = words.count("*")
    names = words.replace("*", " ").split()
    is_constant = "const" in names
    (name,) = [word for word in names if word != "const"]
    found = TYPES.get(name, name)
    for level in range(stars):
        found = f"*const {found}" if is_constant and level == 0 else f"*mut {found}"
    return found


def named(declaration):
    """The name and the type of a field or parameter."""
    kind, name, count = re.match(r"(.*?)(\w+)(?:\[(\d+)\])?$", declaration.strip()).groups()
    found = rust_type(kind)
    return WORDS.get(name, name), f"[{found}; {count}]" if count else found


def field(member):
    """One field: its name, its type."""
    function = re.match(r"(.*?)\(\*(\w+)\)\((.*)\)$", member.declaration)
    if function:
        result, name, parameters = function.groups()
        shown = ", ".join("{}: {}".format(*named(each)) for each in parameters.split(","))
        end = "" if result.strip() == "void" else f" -> {rust_type(result)}"
        return name, f"Option<unsafe extern \"C\" fn({shown}){end}>"
    return named(member.declaration)


def union(group, member):
    """The declaration of a union within a struct, and its name."""
    body = re.match(r"union \{(.*)\} (\w+)$", member.declaration).group(1)
    name = f"{group.name}_{member.name}"
    fields = "".join("    pub {}: {},\n".format(*named(each)) for each in body.split(";") if each.strip())
    return f"#[repr(C)]\n#[derive(Clone, Copy)]\npub union {name} {{\n{fields}}}\n", name


def struct(group):
    before, lines = "", ""
    for member in group.members:
        if member.declaration.startswith("union"):
            before, kind = union(group, member)
            name = member.name
            before += "\n"
        else:
            name, kind = field(member)
        lines += comment(member.doc, "    ")
        lines += f"    pub {name}: {kind},\n"
    text = f"{before}{comment(group.doc)}#[repr(C)]\n#[derive(Clone, Copy)]\npub struct {group.name} {{\n{lines}}}\n"
    if group.grows:
        text += f"// Its pointers lead to what lasts for ever, or are used by one thread at a time.\n"
        text += f"unsafe impl Sync for {group.name} {{}}\n"
    text += f"impl Default for {group.name} {{\n    /// All zero: no text, no functions.\n"
    text += "    fn default() -> Self {\n        // Zero is a value of each field.\n"
    text += "        unsafe { MaybeUninit::zeroed().assume_init() }\n    }\n}\n"
    return text


def constants(group):
    """Codes and levels of the log are passed as int32_t, all others as uint32_t."""
    text = "".join(f"// {line}\n" for line in textwrap.wrap(group.doc, 115))
    for member in group.members:
        name, value = member.declaration.split(" = ")
        kind = "i32" if re.match(r"BELAY_(OK|E_|LOG_)", name) else "u32"
        text += comment(member.doc) + f"pub const {name}: {kind} = {value};\n"
    return text


def asserts():
    """Sizes are held by the compiler, and the places of fields by a test: to compute them, the compiler would have to be newer
    than distributions have it."""
    layout = LAYOUT.read_text()
    sizes = re.findall(r"^SIZE\((\w+), (\d+)\);", layout, re.M)
    fields = re.findall(r"^FIELD\((\w+), (\w+), (\d+)\);", layout, re.M)
    text = "// The sizes that are frozen: a newer version of a struct that grows is larger.\n"
    text += "".join(f"const _: () = assert!(size_of::<{name}>() == {size});\n" for name, size in sizes)
    text += "\n/// The places that are frozen: run by `cargo test`.\n#[cfg(test)]\nmod layout {\n    use super::*;\n\n"
    text += "    macro_rules! place {\n        ($type:ty, $field:ident) => {{\n"
    text += "            let all = MaybeUninit::<$type>::zeroed();\n"
    text += "            let start = all.as_ptr();\n"
    text += "            unsafe { std::ptr::addr_of!((*start).$field) as usize - start as usize }\n        }};\n    }\n\n"
    text += "    #[test]\n    fn fields_lie_where_c_has_them() {\n"
    for name, member, place in fields:
        text += f"        assert_eq!(place!({name}, {WORDS.get(member, member)}), {place});\n"
    return text + "    }\n}\n"


def whole(header=HEADER):
    minor = re.search(r"BELAY_ABI_MINOR (\d+)", header.read_text()).group(1)
    parts = [HEAD.replace("MINOR;", f"{minor};")]
    for group in read(header):
        if group.kind == "enum":
            parts.append(constants(group))
        elif group.kind == "struct":
            parts.append(struct(group))
        elif group.kind == "opaque":
            parts.append(comment(group.doc) + f"#[repr(C)]\npub struct {group.name} {{\n    _private: [u8; 0],\n}}\n")
    parts.append("impl belay_str {\n    /// Of a text that outlives it.\n    pub fn new(text: &str) -> Self {\n"
                 "        belay_str { ptr: text.as_ptr() as *const c_char, len: text.len() as u64 }\n    }\n\n"
                 "    pub const EMPTY: Self = belay_str { ptr: null(), len: 0 };\n}\n")
    parts.append(asserts())
    return "\n".join(parts)


def write(check):
    text = whole()
    if RUST.exists() and RUST.read_text() == text:
        return []
    if check:
        return [f"{RUST.name} does not say what the header says: run scripts/abi rust"]
    RUST.parent.mkdir(parents=True, exist_ok=True)
    RUST.write_text(text)
    return []
