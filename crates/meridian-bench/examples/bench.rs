//! One bench without building the whole of Meridian: `cargo run --release -p meridian-bench --example bench ledger`.

use meridian_bench::{Setting, run};

fn main() -> Result<(), String> {
    let name = std::env::args().nth(1).unwrap_or_else(|| "ledger".into());
    let data = std::env::var_os("MERIDIAN_TEST_DATA").map(Into::into);
    for figure in run(&name, &Setting { data, scratch: ".".into() })? {
        println!("{}: {:.3} {}", figure.what, figure.value, figure.unit);
        for beside in &figure.beside {
            println!(
                "    {}: {:.3} (ratio {:.2}) {}",
                beside.what,
                beside.value,
                figure.value / beside.value,
                beside.note
            );
        }
    }
    Ok(())
}
