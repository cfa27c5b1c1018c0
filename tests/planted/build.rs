//! Sets `cfg(planted)` for this one crate, so that no feature of another can bring it into a product.

fn main() {
    println!("cargo::rustc-cfg=planted");
    println!("cargo::rerun-if-changed=build.rs");
}
