//! One bench without building the whole of Meridian: `cargo run --release -p meridian-bench --example bench ledger`.

/// As the product has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use meridian_bench::{Setting, document, names, page, run};

fn main() -> Result<(), String> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_json = arguments.iter().any(|word| word == "--json");
    arguments.retain(|word| word != "--json");
    let seconds = match arguments.iter().position(|word| word == "--seconds") {
        None => None,
        Some(at) => {
            let told = arguments.drain(at..).nth(1).and_then(|seconds| seconds.parse().ok());
            Some(told.ok_or("--seconds wants a number")?)
        }
    };
    let Some(name) = arguments.first() else {
        names().for_each(|name| println!("{name}"));
        return Ok(());
    };
    let data = std::env::var_os("MERIDIAN_TEST_DATA").map(Into::into);
    let figures = run(name, &Setting { data, scratch: ".".into(), seconds })?;
    if is_json {
        println!("{}", document(name, &figures));
    } else {
        print!("{}", page(&figures));
    }
    Ok(())
}
