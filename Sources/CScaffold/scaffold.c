/*
 * Embedded, so that `belay driver new` works wherever the executable lies; by the compiler, so that it has no copies which
 * fall behind: a scaffold is the example, under another name.
 */
#include "scaffold.h"

#include <stddef.h>

#pragma clang diagnostic ignored "-Wc23-extensions" /* #embed, which clang knows in C11 too */

static const unsigned char header[] = {
#embed "../CBelayDriver/include/belay_driver.h"
};
static const unsigned char map[] = {
#embed "../CBelayDriver/belay_driver.map"
};
static const unsigned char c_source[] = {
#embed "../../Plugins/Examples/minimal/minimal.c"
};
static const unsigned char c_engine[] = {
#embed "../../Plugins/Examples/minimal/entries.c"
};
static const unsigned char c_engine_header[] = {
#embed "../../Plugins/Examples/minimal/entries.h"
};
static const unsigned char c_make[] = {
#embed "../../Plugins/Examples/minimal/Makefile"
};
static const unsigned char c_specimen[] = {
#embed "../../Plugins/Examples/minimal/specimen.yaml"
};
static const unsigned char c_readme[] = {
#embed "../../Plugins/Examples/minimal/README.md"
};
static const unsigned char rust_cargo[] = {
#embed "../../Plugins/Examples/minimal-rust/Cargo.toml"
};
static const unsigned char rust_header[] = {
#embed "../../Plugins/Examples/minimal-rust/src/belay_driver.rs"
};
static const unsigned char rust_border[] = {
#embed "../../Plugins/Examples/minimal-rust/src/border.rs"
};
static const unsigned char rust_driver[] = {
#embed "../../Plugins/Examples/minimal-rust/src/lib.rs"
};
static const unsigned char rust_engine[] = {
#embed "../../Plugins/Examples/minimal-rust/src/entries.rs"
};
static const unsigned char rust_format[] = {
#embed "../../Plugins/Examples/minimal-rust/rustfmt.toml"
};
static const unsigned char rust_make[] = {
#embed "../../Plugins/Examples/minimal-rust/Makefile"
};
static const unsigned char rust_specimen[] = {
#embed "../../Plugins/Examples/minimal-rust/specimen.yaml"
};
static const unsigned char rust_readme[] = {
#embed "../../Plugins/Examples/minimal-rust/README.md"
};
static const unsigned char swift_package[] = {
#embed "../../Plugins/Examples/minimal-swift/Package.swift"
};
static const unsigned char swift_entry[] = {
#embed "../../Plugins/Examples/minimal-swift/Sources/Entry.swift"
};
static const unsigned char swift_driver[] = {
#embed "../../Plugins/Examples/minimal-swift/Sources/EntryDriver.swift"
};
static const unsigned char swift_file[] = {
#embed "../../Plugins/Examples/minimal-swift/Sources/EntryFile.swift"
};
static const unsigned char swift_table[] = {
#embed "../../Plugins/Examples/minimal-swift/Sources/EntryTable.swift"
};
static const unsigned char swift_words[] = {
#embed "../../Plugins/Examples/minimal-swift/Sources/Words.swift"
};
static const unsigned char swift_make[] = {
#embed "../../Plugins/Examples/minimal-swift/Makefile"
};
static const unsigned char swift_specimen[] = {
#embed "../../Plugins/Examples/minimal-swift/specimen.yaml"
};
static const unsigned char swift_readme[] = {
#embed "../../Plugins/Examples/minimal-swift/README.md"
};

static const scaffold_file files[] = {
    {"c", "abi/include/belay_driver.h", header, sizeof header},
    {"c", "abi/belay_driver.map", map, sizeof map},
    {"c", "minimal.c", c_source, sizeof c_source},
    {"c", "entries.c", c_engine, sizeof c_engine},
    {"c", "entries.h", c_engine_header, sizeof c_engine_header},
    {"c", "Makefile", c_make, sizeof c_make},
    {"c", "specimen.yaml", c_specimen, sizeof c_specimen},
    {"c", "README.md", c_readme, sizeof c_readme},
    {"rust", "Cargo.toml", rust_cargo, sizeof rust_cargo},
    {"rust", "src/belay_driver.rs", rust_header, sizeof rust_header},
    {"rust", "src/border.rs", rust_border, sizeof rust_border},
    {"rust", "src/lib.rs", rust_driver, sizeof rust_driver},
    {"rust", "src/entries.rs", rust_engine, sizeof rust_engine},
    {"rust", "rustfmt.toml", rust_format, sizeof rust_format},
    {"rust", "Makefile", rust_make, sizeof rust_make},
    {"rust", "specimen.yaml", rust_specimen, sizeof rust_specimen},
    {"rust", "README.md", rust_readme, sizeof rust_readme},
    {"swift", "Package.swift", swift_package, sizeof swift_package},
    {"swift", "Sources/Entry.swift", swift_entry, sizeof swift_entry},
    {"swift", "Sources/EntryDriver.swift", swift_driver, sizeof swift_driver},
    {"swift", "Sources/EntryFile.swift", swift_file, sizeof swift_file},
    {"swift", "Sources/EntryTable.swift", swift_table, sizeof swift_table},
    {"swift", "Sources/Words.swift", swift_words, sizeof swift_words},
    {"swift", "Makefile", swift_make, sizeof swift_make},
    {"swift", "specimen.yaml", swift_specimen, sizeof swift_specimen},
    {"swift", "README.md", swift_readme, sizeof swift_readme},
    {NULL, NULL, NULL, 0},
};

const scaffold_file *scaffold_files(void) { return files; }
