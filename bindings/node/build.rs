//! Links the module as Node expects it.

fn main() {
    napi_build::setup();
}
