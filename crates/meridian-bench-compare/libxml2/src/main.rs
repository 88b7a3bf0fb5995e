//! `compare-libxml2 DATA`: microseconds for parse and schema validation, a JSON line for each document.

use std::time::{Duration, Instant};

use libxml::parser::Parser;
use libxml::schemas::{SchemaParserContext, SchemaValidationContext};

const SAMPLES: [(&str, &str); 2] = [
    ("small", "iso20022/samples/pacs.008.001.08/valid/cbpr-ur__pacs.008_stp.min.xml"),
    ("large", "iso20022/samples/pacs.008.001.08/valid/cbpr-ur__pacs.008.max.xml"),
];

fn main() {
    let data = std::env::args().nth(1).expect("compare-libxml2 DATA");
    let mut schema = SchemaParserContext::from_file(&format!("{data}/iso20022/xsd/pacs.008.001.08.xsd"));
    let mut validator = SchemaValidationContext::from_parser(&mut schema).expect("the schema compiles");
    let parser = Parser::default();
    for (size, file) in SAMPLES {
        let text = std::fs::read_to_string(format!("{data}/{file}")).expect("the sample is there");
        let start = text.find("<Document").expect("a document");
        let end = text.find("</Document>").expect("its end") + "</Document>".len();
        let xml = &text[start..end];
        let mut best = f64::INFINITY;
        for _ in 0..5 {
            let (begin, mut runs) = (Instant::now(), 0);
            while begin.elapsed() < Duration::from_millis(200) {
                let document = parser.parse_string(xml).expect("well-formed");
                validator.validate_document(&document).expect("valid");
                runs += 1;
            }
            best = best.min(begin.elapsed().as_secs_f64() / f64::from(runs) * 1e6);
        }
        println!(
            "{{\"bench\":\"iso20022\",\"figure\":\"{size} pacs.008\",\"rival\":\"libxml2 parse and validate\",\"value\":{best:.3}}}"
        );
    }
}
