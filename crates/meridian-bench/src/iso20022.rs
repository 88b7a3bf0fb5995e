//! Parse, validate and tree of a small and a large pacs.008, beside what quick-xml alone takes to read them.

use std::hint::black_box;
use std::time::Duration;

use meridian_iso20022::{parts, read};

use crate::{Figure, Setting, best_of};

/// The small and the large credit transfer of the CBPR+ samples.
const SAMPLES: [(&str, &str); 2] = [
    ("small", "iso20022/samples/pacs.008.001.08/valid/cbpr-ur__pacs.008_stp.min.xml"),
    ("large", "iso20022/samples/pacs.008.001.08/valid/cbpr-ur__pacs.008.max.xml"),
];

pub(crate) fn run(setting: &Setting) -> Result<Vec<Figure>, String> {
    let data = setting.data.as_ref().ok_or("needs MERIDIAN_TEST_DATA for its samples")?;
    let mut figures = Vec::new();
    for (size, file) in SAMPLES {
        let bytes = std::fs::read(data.join(file)).map_err(|error| format!("{file}: {error}"))?;
        let found = parts(&bytes).map_err(|violations| violations[0].to_string())?;
        let body = found.iter().find(|part| part.namespace.contains("pacs.008"));
        let xml = body.ok_or_else(|| format!("{file}: no pacs.008"))?.xml.clone();
        let measure = |job: &mut dyn FnMut()| best_of(5, Duration::from_millis(200), job) * 1e6;
        let ours = measure(&mut || drop(black_box(read(black_box(xml.as_bytes())))));
        let events = measure(&mut || {
            let mut reader = quick_xml::reader::Reader::from_str(black_box(&xml));
            while !matches!(reader.read_event(), Ok(quick_xml::events::Event::Eof) | Err(_)) {}
        });
        let namespaces = measure(&mut || {
            let mut reader = quick_xml::reader::NsReader::from_str(black_box(&xml));
            while !matches!(reader.read_resolved_event(), Ok((_, quick_xml::events::Event::Eof)) | Err(_)) {}
        });
        figures.push(
            Figure::new(format!("{size} pacs.008 ({} bytes): parse, validate, tree", xml.len()), ours, "us")
                .beside("quick-xml events alone", events)
                .beside("quick-xml events with namespaces", namespaces),
        );
    }
    Ok(figures)
}
