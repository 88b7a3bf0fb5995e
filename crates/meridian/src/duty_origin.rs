//! `meridian duty origin`: does this bill of materials qualify.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use meridian_tariff::Tables;
use meridian_tariff::origin::{
    Agreement, Base, Bill, Finding, Judgement, Material, Operations, Protocols, Rule, Standing, Transport,
    Verdict, compile, judge,
};
use meridian_terms::{Country, Decimal, HsCode, Refusal};
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::trouble::trouble;

/// Arguments of `meridian duty origin`.
///
/// Example: `meridian duty origin --pack examples/north-south/tariff/RU pump.json`
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The pack: a folder with agreements.csv and origin.csv
    #[arg(long, value_name = "DIR")]
    pack: Option<PathBuf>,
    /// The agreement; else the bill's own, else the pack's only one
    #[arg(long)]
    agreement: Option<String>,
    /// A rule in the sentence grammar, instead of the pack's
    #[arg(long, conflicts_with = "text")]
    rule: Option<String>,
    /// A rule in an agreement's prose, instead of the pack's
    #[arg(long)]
    text: Option<String>,
    /// FILE holds rules in prose, one a line (plain, or JSON with `text` or `rules[].text`): compile them only
    #[arg(long, conflicts_with_all = ["rule", "text", "pack"])]
    compile: bool,
    /// One JSON document
    #[arg(long)]
    json: bool,
    /// One JSON line for each input
    #[arg(long)]
    jsonl: bool,
    /// The bill of materials, JSON; - is standard input
    file: String,
}

const HELP: &str = "\
Example: meridian duty origin --rule 'CTH or VALUE(all) <= 40% EXW' pump.json

A bill of materials (every key but code and country may be left out; what is left out is unknown, never guessed):
  {\"agreement\": \"eaeu-iran\",
   \"product\": {\"code\": \"841370\", \"country\": \"RU\", \"kind\": \"\", \"ex_works\": \"1000.00\", \"fob\": \"1050.00\",
               \"net_cost\": \"900.00\", \"net_kg\": \"41\", \"wholly_obtained\": false, \"facts\": {\"in bond\": true}},
   \"materials\": [{\"name\": \"motor\", \"code\": \"850152\", \"status\": \"non_originating\", \"country\": \"CN\",
                  \"value\": \"450.00\", \"net_kg\": \"12\", \"proof\": \"\", \"is\": [], \"is_not\": [], \"materials\": []}],
   \"operations\": {\"done\": [\"machining\"], \"not_done\": [], \"complete\": true},
   \"transport\": {\"through\": [\"AZ\"], \"under_customs_control\": true, \"altered\": false, \"evidence\": []},
   \"drawback\": false}
A material's status is wholly_obtained, originating or non_originating. Exit 0: it qualifies; 1: it does not, or a
fact is missing; 2: the call or the bill is wrong.";

/// Runs `meridian duty origin`.
pub fn run(args: Args) -> Answer {
    let done = if args.compile { compile_rules(&args) } else { ask(&args) };
    done.unwrap_or_else(Answer::Wrong)
}

fn ask(args: &Args) -> Result<Answer, String> {
    let text = read_all(&args.file)?;
    let document: Value = serde_json::from_str(&text).map_err(|error| {
        format!(
            "{}:{}:{}: {error}; next: give one JSON object, see --help",
            args.file,
            error.line(),
            error.column()
        )
    })?;
    let question = Question::read(&document).map_err(|why| format!("{}: {why}", args.file))?;
    let told = match rule_given(args)? {
        Some(rule) => Ok(Told {
            agreement: String::new(),
            is_illustrative: false,
            rules: vec![rule.to_string()],
            remarks: Vec::new(),
            judgement: judge(&rule, &question.bill, &Agreement::default()),
        }),
        None => from_pack(args, &question)?,
    };
    let told = match told {
        Ok(told) => told,
        Err(refusal) => return refused(&refusal, args),
    };
    let answer = told.to_json();
    if args.json || args.jsonl {
        print(&answer.to_string())?;
    } else {
        print(told.to_words().trim_end())?;
    }
    Ok(if told.judgement.verdict == Verdict::Qualifies { Answer::Done } else { Answer::Refused })
}

fn rule_given(args: &Args) -> Result<Option<Rule>, String> {
    match (&args.rule, &args.text) {
        (Some(sentence), _) => {
            Rule::parse(sentence).map(Some).map_err(|refusal| format!("--rule: {refusal}"))
        }
        (None, Some(text)) => {
            compile(text).map(|compiled| Some(compiled.rule)).map_err(|refusal| format!("--text: {refusal}"))
        }
        (None, None) => Ok(None),
    }
}

/// What is told about one bill.
struct Told {
    agreement: String,
    is_illustrative: bool,
    rules: Vec<String>,
    remarks: Vec<String>,
    judgement: Judgement,
}

fn from_pack(args: &Args, question: &Question) -> Result<Result<Told, Refusal>, String> {
    let Some(pack) = &args.pack else {
        return Err("which rule? next: give --pack DIR, --rule SENTENCE or --text PROSE".into());
    };
    let protocols = load(pack)?;
    let only = || {
        let mut ids = protocols.ids();
        ids.next().filter(|_| ids.next().is_none())
    };
    let agreement = args.agreement.as_deref().or(question.agreement.as_deref()).or_else(only);
    let Some(agreement) = agreement else {
        let known: Vec<&str> = protocols.ids().collect();
        return Err(format!("which agreement? next: give --agreement, one of: {}", known.join(", ")));
    };
    let judgement = match protocols.judge(agreement, &question.bill, question.kind.as_deref()) {
        Ok(judgement) => judgement,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let rows = protocols.rules_for(agreement, &question.bill.code);
    let provisions = protocols.agreement(agreement).is_some_and(|(_, is_illustrative)| is_illustrative);
    Ok(Ok(Told {
        agreement: agreement.to_owned(),
        is_illustrative: provisions || rows.iter().any(|row| row.is_illustrative),
        rules: rows.iter().map(|row| row.rule.to_string()).collect(),
        remarks: rows.iter().flat_map(|row| row.remarks.clone()).collect(),
        judgement,
    }))
}

fn load(pack: &Path) -> Result<Protocols, String> {
    let files = crate::route::files_of(pack)?;
    if !files.contains_key("origin.csv") {
        return Err(format!(
            "{}: no origin.csv; next: point --pack at a pack with agreements.csv and origin.csv",
            pack.display()
        ));
    }
    Tables::load(&files).map(|tables| tables.protocols).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(|fault| format!("{}/{fault}", pack.display())).collect();
        lines.join("\n")
    })
}

fn refused(refusal: &Refusal, args: &Args) -> Result<Answer, String> {
    if args.json || args.jsonl {
        let told = json!({
            "verdict": "refused",
            "refusal": {"code": refusal.code, "what": refusal.what, "rule": refusal.rule, "next": refusal.next},
        });
        print(&told.to_string())?;
    } else {
        eprintln!("{refusal}");
    }
    Ok(Answer::Refused)
}

impl Told {
    fn to_json(&self) -> Value {
        let (verdict, shortfalls, needs) = match &self.judgement.verdict {
            Verdict::Qualifies => ("qualifies", Vec::new(), Vec::new()),
            Verdict::Fails(shortfalls) => ("fails", shortfalls.clone(), Vec::new()),
            Verdict::Unknown(facts) => ("unknown", Vec::new(), facts.iter().cloned().collect()),
        };
        let shortfalls: Vec<Value> = shortfalls
            .iter()
            .map(|leaf| json!({"leaf": leaf.leaf, "have": leaf.have, "need": leaf.need}))
            .collect();
        json!({
            "verdict": verdict,
            "agreement": self.agreement,
            "status": if self.is_illustrative { "illustrative" } else { "as given" },
            "rules": self.rules,
            "fails": shortfalls,
            "needs": needs,
            "remarks": self.remarks,
            "tree": tree(&self.judgement.tree),
        })
    }

    fn to_words(&self) -> String {
        let mut words = match &self.judgement.verdict {
            Verdict::Qualifies => "qualifies\n".to_owned(),
            Verdict::Fails(_) => "does not qualify\n".to_owned(),
            Verdict::Unknown(_) => "unknown\n".to_owned(),
        };
        if self.is_illustrative {
            words.push_str("(under illustrative rules, not the agreement's text)\n");
        }
        draw(&self.judgement.tree, 0, &mut words);
        for remark in &self.remarks {
            words.push_str(&format!("note: {remark}\n"));
        }
        words
    }
}

fn tree(finding: &Finding) -> Value {
    let missing: Vec<&String> = finding.missing.iter().collect();
    // Lines are counted from one for people, as in the labels.
    let tolerated: Vec<usize> = finding.tolerated.iter().map(|line| line + 1).collect();
    json!({
        "condition": finding.condition,
        "outcome": finding.outcome.word(),
        "have": finding.have,
        "need": finding.need,
        "missing": missing,
        "tolerated": tolerated,
        "children": finding.children.iter().map(tree).collect::<Vec<_>>(),
    })
}

fn draw(finding: &Finding, depth: usize, words: &mut String) {
    let indent = "  ".repeat(depth);
    words.push_str(&format!("{indent}{:<7}  {}", finding.outcome.word(), finding.condition));
    if !finding.have.is_empty() {
        words.push_str(&format!("; have: {}", finding.have));
    }
    if !finding.need.is_empty() {
        words.push_str(&format!("; need: {}", finding.need));
    }
    words.push('\n');
    for fact in &finding.missing {
        words.push_str(&format!("{indent}         needs: {fact}\n"));
    }
    finding.children.iter().for_each(|child| draw(child, depth + 1, words));
}

/// A bill as asked, with the agreement and the kind of product it names.
struct Question {
    agreement: Option<String>,
    kind: Option<String>,
    bill: Bill,
}

impl Question {
    fn read(document: &Value) -> Result<Self, String> {
        let root = Fields::of(
            document,
            "",
            &["agreement", "product", "materials", "operations", "transport", "drawback"],
        )?;
        let product = root.required("product")?;
        let product = Fields::of(
            product,
            "product",
            &["code", "country", "kind", "ex_works", "fob", "net_cost", "net_kg", "wholly_obtained", "facts"],
        )?;
        let code = product
            .parsed("code", HsCode::parse)?
            .ok_or("product.code: is missing; next: give the goods code")?;
        let country = product
            .parsed("country", Country::parse)?
            .ok_or("product.country: is missing; next: give the country whose origin is claimed")?;
        let mut bill = Bill::new(code, country);
        bill.wholly_obtained = product.flag("wholly_obtained")?;
        for (key, base) in [
            ("ex_works", Base::ExWorks),
            ("fob", Base::FreeOnBoard),
            ("net_cost", Base::NetCost),
            ("net_kg", Base::Weight),
        ] {
            if let Some(figure) = product.figure(key)? {
                bill.measures.insert(base, figure);
            }
        }
        if let Some(facts) = product.get("facts") {
            let facts = facts.as_object().ok_or("product.facts: is not an object")?;
            for (fact, answer) in facts {
                let answer = answer
                    .as_bool()
                    .ok_or_else(|| format!("product.facts[{fact:?}]: is not true or false"))?;
                bill.facts.insert(fact.clone(), answer);
            }
        }
        bill.materials = materials(root.get("materials"), "materials")?;
        if let Some(operations) = root.get("operations") {
            let operations = Fields::of(operations, "operations", &["done", "not_done", "complete"])?;
            bill.operations = Operations {
                done: operations.words("done")?.into_iter().collect(),
                not_done: operations.words("not_done")?.into_iter().collect(),
                complete: operations.flag("complete")?.unwrap_or(false),
            };
        }
        if let Some(travel) = root.get("transport") {
            let travel = Fields::of(
                travel,
                "transport",
                &["through", "under_customs_control", "altered", "evidence"],
            )?;
            let through = travel.words("through")?;
            bill.transport = Some(Transport {
                through: through
                    .iter()
                    .map(|code| {
                        Country::parse(code).map_err(|refusal| format!("transport.through: {refusal}"))
                    })
                    .collect::<Result<_, _>>()?,
                under_customs_control: travel.flag("under_customs_control")?,
                altered: travel.flag("altered")?,
                evidence: travel.words("evidence")?.into_iter().collect(),
            });
        }
        bill.drawback = root.flag("drawback")?;
        Ok(Self { agreement: root.text("agreement")?, kind: product.text("kind")?, bill })
    }
}

fn materials(list: Option<&Value>, path: &str) -> Result<Vec<Material>, String> {
    let Some(list) = list else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or_else(|| format!("{path}: is not a list"))?;
    list.iter().enumerate().map(|(index, line)| material(line, &format!("{path}[{index}]"))).collect()
}

fn material(line: &Value, path: &str) -> Result<Material, String> {
    let keys = ["name", "code", "status", "country", "proof", "value", "net_kg", "is", "is_not", "materials"];
    let line = Fields::of(line, path, &keys)?;
    let standing = match line.text("status")?.as_deref() {
        None => Standing::Unstated,
        Some("wholly_obtained") => Standing::WhollyObtained,
        Some("originating") => Standing::Originating,
        Some("non_originating") => Standing::NonOriginating,
        Some(other) => {
            return Err(format!(
                "{path}.status: {other:?}; next: write wholly_obtained, originating or non_originating, or leave it out"
            ));
        }
    };
    let mut names: BTreeMap<String, bool> = BTreeMap::new();
    names.extend(line.words("is")?.into_iter().map(|name| (name, true)));
    for name in line.words("is_not")? {
        if names.insert(name.clone(), false) == Some(true) {
            return Err(format!("{path}: {name:?} stands in both is and is_not"));
        }
    }
    let mut material = Material::new(line.text("name")?.unwrap_or_else(|| "unnamed".to_owned()), standing);
    material.code = line.parsed("code", HsCode::parse)?;
    material.country = line.parsed("country", Country::parse)?;
    material.proof = line.text("proof")?.filter(|proof| !proof.trim().is_empty());
    material.value = line.figure("value")?;
    material.weight_kg = line.figure("net_kg")?;
    material.names = names;
    material.inputs = materials(line.get("materials"), &format!("{path}.materials"))?;
    Ok(material)
}

/// A JSON object whose keys are known, and where it stands in the document.
struct Fields<'a> {
    object: &'a Map<String, Value>,
    path: String,
}

impl<'a> Fields<'a> {
    fn of(value: &'a Value, path: &str, keys: &[&str]) -> Result<Self, String> {
        let object =
            value.as_object().ok_or_else(|| format!("{path}: is not an object; next: see --help"))?;
        let known: BTreeSet<&str> = keys.iter().copied().collect();
        if let Some(stray) = object.keys().find(|key| !known.contains(key.as_str())) {
            let keys = keys.join(", ");
            return Err(format!("{path}: {stray:?} means nothing here; next: use {keys}"));
        }
        Ok(Self { object, path: path.to_owned() })
    }

    fn at(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn get(&self, key: &str) -> Option<&'a Value> {
        self.object.get(key).filter(|value| !value.is_null())
    }

    fn required(&self, key: &str) -> Result<&'a Value, String> {
        self.get(key).ok_or_else(|| format!("{}: is missing; next: see --help", self.at(key)))
    }

    fn text(&self, key: &str) -> Result<Option<String>, String> {
        self.get(key)
            .map(|value| {
                value.as_str().map(str::to_owned).ok_or_else(|| format!("{}: is not a text", self.at(key)))
            })
            .transpose()
    }

    fn parsed<T>(
        &self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, Refusal>,
    ) -> Result<Option<T>, String> {
        self.text(key)?
            .map(|text| parse(&text).map_err(|refusal| format!("{}: {refusal}", self.at(key))))
            .transpose()
    }

    /// A figure as a text, exact at any length. A JSON number is read through a double, which gives back every
    /// decimal of up to 15 digits as written; a longer one is refused rather than rounded.
    fn figure(&self, key: &str) -> Result<Option<Decimal>, String> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => {
                let text = number.to_string();
                if !number.is_i64() && text.bytes().filter(u8::is_ascii_digit).count() > 15 {
                    return Err(format!(
                        "{}: {text} is too long for a JSON number; next: write it as a text",
                        self.at(key)
                    ));
                }
                text
            }
            _ => return Err(format!("{}: is not a figure", self.at(key))),
        };
        let figure = Decimal::parse(&text).map_err(|refusal| format!("{}: {refusal}", self.at(key)))?;
        if figure.is_negative() {
            return Err(format!("{}: {figure} is below zero", self.at(key)));
        }
        Ok(Some(figure))
    }

    fn flag(&self, key: &str) -> Result<Option<bool>, String> {
        self.get(key)
            .map(|value| value.as_bool().ok_or_else(|| format!("{}: is not true or false", self.at(key))))
            .transpose()
    }

    fn words(&self, key: &str) -> Result<Vec<String>, String> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let wrong = || format!("{}: is not a list of texts", self.at(key));
        let list = value.as_array().ok_or_else(wrong)?;
        list.iter().map(|word| word.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
    }
}

/// Compiles rules in prose, a line at a time.
fn compile_rules(args: &Args) -> Result<Answer, String> {
    let input: Box<dyn Read> = open(&args.file)?;
    let mut out = std::io::stdout().lock();
    let (mut all, mut refused, mut collected) = (0_usize, 0_usize, Vec::new());
    for (index, line) in BufReader::new(input).lines().enumerate() {
        let line = line.map_err(|error| format!("{}:{}: {error}", args.file, index + 1))?;
        for text in texts(&line) {
            all += 1;
            let answer = match compile(&text) {
                Ok(compiled) => {
                    json!({"input": text, "ok": true, "rule": compiled.rule.to_string(), "remarks": compiled.remarks})
                }
                Err(refusal) => {
                    refused += 1;
                    json!({"input": text, "ok": false, "error": {"code": refusal.code, "text": refusal.what}})
                }
            };
            if args.jsonl {
                writeln!(out, "{answer}").and_then(|()| out.flush()).map_err(|error| error.to_string())?;
            } else if args.json {
                collected.push(answer);
            } else if let Some(rule) = answer["rule"].as_str() {
                writeln!(out, "{rule}").map_err(|error| error.to_string())?;
            } else {
                let why = answer["error"]["text"].as_str().unwrap_or_default();
                writeln!(out, "{}:{}: {why}", args.file, index + 1).map_err(|error| error.to_string())?;
            }
        }
    }
    if args.json {
        let told = json!({"rules": collected, "compiled": all - refused, "refused": refused});
        writeln!(out, "{told}").map_err(|error| error.to_string())?;
    }
    eprintln!("{} of {all} rules compiled", all - refused);
    Ok(if refused == 0 { Answer::Done } else { Answer::Refused })
}

/// The rule texts of one line: plain, a JSON text, an object with `text`, or with `rules[].text`.
fn texts(line: &str) -> Vec<String> {
    if line.trim().is_empty() {
        return Vec::new();
    }
    let text = |value: &Value| value["text"].as_str().unwrap_or_default().to_owned();
    match serde_json::from_str::<Value>(line) {
        Ok(Value::String(rule)) => vec![rule],
        Ok(value) if value["rules"].is_array() => {
            value["rules"].as_array().into_iter().flatten().map(text).collect()
        }
        Ok(value) if value["text"].is_string() => vec![text(&value)],
        _ => vec![line.to_owned()],
    }
}

fn print(text: &str) -> Result<(), String> {
    writeln!(std::io::stdout().lock(), "{text}").map_err(|error| error.to_string())
}

fn open(file: &str) -> Result<Box<dyn Read>, String> {
    if file == "-" {
        return Ok(Box::new(std::io::stdin()));
    }
    let opened = std::fs::File::open(file).map_err(|error| trouble(file, &error))?;
    Ok(Box::new(opened))
}

fn read_all(file: &str) -> Result<String, String> {
    let mut text = String::new();
    open(file)?.read_to_string(&mut text).map_err(|error| trouble(file, &error))?;
    Ok(text)
}
