//! `meridian duty bulk`: re-prices a file of declaration lines, streaming, on every core.
//!
//! ```text
//!  reader -> blocks of whole lines -> worker 1..n, in turn -> writer, in the same turn
//! ```
//! Every stage holds a few blocks, so a file of any size takes the same memory, and lines leave in the order they came.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Instant;

use meridian_tariff::bulk::{Columns, HEADER, Pricer, Tally};
use serde_json::json;

use crate::answer::Answer;
use crate::duty::pack_of;
use crate::trouble::trouble;

/// Arguments of `meridian duty bulk`.
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The pack's directory
    #[arg(long, value_name = "DIR")]
    pack: PathBuf,
    /// Declaration lines, CSV with a header; - is standard input
    input: String,
    /// Priced lines; - is standard output
    output: String,
    /// Threads that price; as many as there are cores unless said
    #[arg(long)]
    threads: Option<usize>,
    /// One JSON document (always so; kept for scripts)
    #[arg(long)]
    json: bool,
}

const HELP: &str = "\
Example: meridian duty bulk --pack packs/RU lines.csv priced.csv

In:  line,code,origin,territory,value,currency,net_kg,gross_kg,qty1,unit1,qty2,unit2,date (any order; code, origin,
     value and currency must be there; proof, additional_code, documents, incoterm, freight, insurance may be)
Out: line,code,basis,customs_value,duty,additional,excise,vat,fee,total,status,need
The summary {lines, refused, open, seconds} goes to standard output, or to standard error when the lines go there.
Exit 0: every line has a figure; 1: some are refused, each with its reason in `need`; 2: the call is wrong.";

/// Bytes in a block: some thousands of lines.
const BLOCK: usize = 1 << 20;
/// Blocks waiting between two stages of one worker.
const WAITING: usize = 2;

/// Runs `meridian duty bulk`.
pub(crate) fn run(args: &Args) -> Result<Answer, String> {
    let pack = pack_of(&args.pack)?;
    let started = Instant::now();
    let failed = |name: &str| {
        let name = name.to_owned();
        move |error: io::Error| trouble(&name, &error)
    };
    let mut input: Box<dyn Read> = match args.input.as_str() {
        "-" => Box::new(io::stdin().lock()),
        name => Box::new(File::open(name).map_err(failed(name))?),
    };
    let output: Box<dyn Write + Send> = match args.output.as_str() {
        "-" => Box::new(io::stdout()),
        name => Box::new(File::create(name).map_err(failed(name))?),
    };
    let mut blocks = Blocks::new(&mut input);
    let header = blocks.header().map_err(failed(&args.input))?;
    let columns = Columns::read(&header).map_err(|refusal| format!("{}:1: {refusal}", args.input))?;
    let pricer = Pricer::new(&pack, columns);
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let threads = args.threads.unwrap_or(cores).max(1);
    let tally = stream(&mut blocks, &pricer, output, threads).map_err(failed(&args.input))?;
    let summary = json!({"lines": tally.lines, "refused": tally.refused, "open": tally.open,
                         "assessed": tally.assessed, "seconds": started.elapsed().as_secs_f64()});
    if args.output == "-" {
        eprintln!("{summary}");
    } else {
        println!("{summary}");
    }
    Ok(if tally.refused == 0 { Answer::Done } else { Answer::Refused })
}

/// A block on its way through one worker, and the buffer it is priced into; both are used again.
type Job = (Vec<u8>, Vec<u8>);

fn stream(
    blocks: &mut Blocks<'_>,
    pricer: &Pricer<'_>,
    mut output: Box<dyn Write + Send>,
    threads: usize,
) -> io::Result<Tally> {
    std::thread::scope(|scope| {
        let mut to_workers: Vec<SyncSender<Job>> = Vec::new();
        let mut from_workers: Vec<Receiver<(Job, Tally)>> = Vec::new();
        for _ in 0..threads {
            let (send_job, jobs) = sync_channel::<Job>(WAITING);
            let (send_priced, priced) = sync_channel(WAITING);
            to_workers.push(send_job);
            from_workers.push(priced);
            scope.spawn(move || {
                for (block, mut out) in jobs {
                    out.clear();
                    let tally = pricer.price(&block, &mut out);
                    if send_priced.send(((block, out), tally)).is_err() {
                        return;
                    }
                }
            });
        }
        let (give_back, used) = sync_channel::<Job>(threads * (2 * WAITING + 2));
        let writer = scope.spawn(move || -> io::Result<Tally> {
            output.write_all(HEADER)?;
            let mut tally = Tally::default();
            // Blocks went out in turn, so they come back in turn; the first worker with nothing left is the end.
            for worker in from_workers.iter().cycle() {
                let Ok((job, priced)) = worker.recv() else { break };
                output.write_all(&job.1)?;
                tally.add(priced);
                let _ = give_back.try_send(job);
            }
            output.flush()?;
            Ok(tally)
        });
        for worker in to_workers.iter().cycle() {
            let (mut block, out) = used.try_recv().unwrap_or_default();
            if !blocks.next(&mut block)? || worker.send((block, out)).is_err() {
                break;
            }
        }
        drop(to_workers);
        writer.join().unwrap_or_else(|_| Err(io::Error::other("the writer stopped")))
    })
}

/// A file as blocks of whole lines.
struct Blocks<'r> {
    input: &'r mut dyn Read,
    /// The beginning of a line whose end is not read yet.
    rest: Vec<u8>,
    is_done: bool,
}

impl<'r> Blocks<'r> {
    fn new(input: &'r mut dyn Read) -> Self {
        Self { input, rest: Vec::new(), is_done: false }
    }

    fn header(&mut self) -> io::Result<String> {
        let mut block = Vec::new();
        self.next(&mut block)?;
        let end = block.iter().position(|byte| *byte == b'\n').map_or(block.len(), |at| at + 1);
        // What follows the header stands before what is still to be read.
        let after = block.split_off(end);
        self.rest = [after, std::mem::take(&mut self.rest)].concat();
        String::from_utf8(block).map_err(|_| io::Error::other("the header is not UTF-8"))
    }

    /// Fills a block with whole lines; `false` at the end. A quoted cell may hold line feeds: a block ends only where
    /// the quotes before it are even.
    fn next(&mut self, block: &mut Vec<u8>) -> io::Result<bool> {
        block.clear();
        block.append(&mut self.rest);
        loop {
            if !self.is_done {
                let before = block.len();
                block.resize(before + BLOCK, 0);
                let mut filled = before;
                while filled < block.len() {
                    match self.input.read(&mut block[filled..]) {
                        Ok(0) => {
                            self.is_done = true;
                            break;
                        }
                        Ok(count) => filled += count,
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        Err(error) => return Err(error),
                    }
                }
                block.truncate(filled);
            }
            if self.is_done {
                return Ok(!block.is_empty());
            }
            if let Some(end) = last_line_end(block) {
                self.rest.extend_from_slice(&block[end..]);
                block.truncate(end);
                return Ok(true);
            }
        }
    }
}

/// Behind the last line feed that is not inside quotes.
fn last_line_end(block: &[u8]) -> Option<usize> {
    let last = block.iter().rposition(|byte| *byte == b'\n')?;
    let has_quotes = block.contains(&b'"');
    if !has_quotes {
        return Some(last + 1);
    }
    let (mut inside, mut end) = (false, None);
    for (at, byte) in block.iter().enumerate() {
        match byte {
            b'"' => inside = !inside,
            b'\n' if !inside => end = Some(at + 1),
            _ => {}
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_end_with_lines_and_lose_nothing() {
        let mut text = b"code,what\n".to_vec();
        for number in 0..200_000 {
            text.extend_from_slice(format!("{number},\"a, b\nand \"\"c\"\"\"\n").as_bytes());
        }
        let mut input: &[u8] = &text;
        let mut blocks = Blocks::new(&mut input);
        let mut whole = blocks.header().unwrap().into_bytes();
        let mut block = Vec::new();
        while blocks.next(&mut block).unwrap() {
            assert!(block.ends_with(b"\"\n"));
            whole.extend_from_slice(&block);
        }
        assert!(whole == text);
    }
}
