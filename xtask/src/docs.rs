//! `cargo xtask docs [--check]`: the reference that is written by reading the source.
//!
//! `docs/reference/refusals.md` lists every refusal code with what it says, the rule behind it and the next step, crate by
//! crate and in the order of precedence in which the source lists them. A code is wherever a string literal of the shape
//! `book.reason` opens a row of a table of codes or a call of `Refusal::new`; what stands beside it is read as tokens and not
//! with regular expressions, so that layout does not matter.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

const HEAD: &str = "\
# Refusals

Written by `cargo xtask docs` from the source; do not edit. A refusal is an answer: a stable code, what happened with the actual
values, the rule that said so, what would make it pass, and the ISO 20022 reason or ISO 8583 response a peer hears. Within a
book the codes stand in order of precedence: the first that holds is the answer.
";

/// One code and what the source says beside it; what it computes is shown as `..`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Row {
    code: String,
    what: String,
    rule: String,
    next: String,
    reason: String,
}

/// Writes the reference, or says whether it is as the source says.
pub(crate) fn run(rest: &[String]) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no repository above xtask")?;
    let text = refusals(root)?;
    let file = root.join("docs/reference/refusals.md");
    if rest.iter().any(|word| word == "--check") {
        let told = fs::read_to_string(&file).unwrap_or_default();
        return if told == text {
            Ok(())
        } else {
            Err("docs/reference/refusals.md is not what the source says: run `cargo xtask docs`".into())
        };
    }
    fs::create_dir_all(root.join("docs/reference")).map_err(|error| error.to_string())?;
    fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))
}

/// The page of all codes.
fn refusals(root: &Path) -> Result<String, String> {
    let mut page = HEAD.to_owned();
    let mut crates: Vec<PathBuf> = fs::read_dir(root.join("crates"))
        .map_err(|error| error.to_string())?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.join("src").is_dir())
        .collect();
    crates.sort();
    for path in crates {
        let mut files = Vec::new();
        sources(&path.join("src"), &mut files);
        // A book's table of codes comes before what single files refuse besides.
        files.sort_by_key(|file| (!file.ends_with("refusal.rs"), file.clone()));
        let mut rows: Vec<Row> = Vec::new();
        for file in files {
            let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            let tokens: TokenStream = text.parse().map_err(|error| format!("{}: {error}", file.display()))?;
            read(tokens, &mut rows);
        }
        let mut seen = BTreeSet::new();
        rows.retain(|row| seen.insert(row.code.clone()));
        if !rows.is_empty() {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            write_table(&name, &rows, &mut page);
        }
    }
    Ok(page)
}

fn write_table(name: &str, rows: &[Row], page: &mut String) {
    let _ = write!(
        page,
        "\n## {name}\n\n| code | what | rule | next step | peer hears |\n|---|---|---|---|---|\n"
    );
    for row in rows {
        let cells = [&row.what, &row.rule, &row.next, &row.reason].map(|cell| cell.replace('|', "\\|"));
        let _ = writeln!(page, "| `{}` | {} |", row.code, cells.join(" | "));
    }
}

fn sources(directory: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

/// Every row that opens in these tokens or in a group within them.
fn read(tokens: TokenStream, rows: &mut Vec<Row>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    // `#[cfg(test)]` and doc attributes hold examples, not codes.
    let mut place = 0;
    while let Some(token) = tokens.get(place) {
        match token {
            TokenTree::Group(_) if is_punct(&tokens, place.wrapping_sub(1), '#') => {}
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                match called(&tokens, place) {
                    Some("new") if names(&tokens, place, "Refusal") => {
                        rows.extend(built(&inner, &tokens[place + 1..]));
                    }
                    _ if matches!(tokens.get(place.wrapping_sub(1)), Some(TokenTree::Ident(_))) => {
                        rows.extend(told(&inner));
                    }
                    _ => rows.extend(tuple(&inner)),
                }
                read(group.stream(), rows);
            }
            TokenTree::Ident(_) if is_punct(&tokens, place + 1, ':') => {
                rows.extend(labelled(&tokens[place + 2..]))
            }
            _ => {}
        }
        place += 1;
    }
}

/// `Refusal::new("code", what).rule("..").next("..").iso("..")`.
fn built(arguments: &[TokenTree], after: &[TokenTree]) -> Option<Row> {
    let mut row = Row { code: code(arguments.first()?)?, ..Row::default() };
    row.what = first_text(&arguments[1..]).unwrap_or_else(|| "..".into());
    for (place, token) in after.iter().enumerate() {
        if let TokenTree::Punct(punct) = token
            && !matches!(punct.as_char(), '.' | '?')
        {
            break;
        }
        let TokenTree::Group(group) = token else { continue };
        let inner: Vec<TokenTree> = group.stream().into_iter().collect();
        let text = || first_text(&inner).unwrap_or_else(|| "..".into());
        match called(after, place) {
            Some("rule") => row.rule = text(),
            Some("next") => row.next = text(),
            Some("iso") => row.reason = text(),
            _ => {}
        }
    }
    Some(row)
}

/// `Fault::at("code", .., "what")`, `error("code")`: what a codec says; the caller adds place and next step.
fn told(arguments: &[TokenTree]) -> Option<Row> {
    let code = code(arguments.first()?)?;
    let what = columns(arguments).into_iter().skip(1).find(|cell| cell.contains(' ')).unwrap_or_default();
    Some(Row { code, what, ..Row::default() })
}

/// `NAME: "code", "what", "rule", "next", reason..;` of a table of codes.
fn labelled(tokens: &[TokenTree]) -> Option<Row> {
    let code = code(tokens.first()?)?;
    let end =
        tokens.iter().position(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';'))?;
    let cells = columns(&tokens[..end]);
    let [_, what, rule, next, rest @ ..] = cells.as_slice() else { return None };
    let reason = rest.first().cloned().unwrap_or_default();
    Some(Row { code, what: what.clone(), rule: rule.clone(), next: next.clone(), reason })
}

/// `(Reason, "code", "what", "next", Some("AM04"))`, `("code", "rule", "next")` and the like.
fn tuple(tokens: &[TokenTree]) -> Option<Row> {
    let cells = columns(tokens);
    let first = tokens.iter().position(|token| code(token).is_some())?;
    let named = columns(&tokens[..first]).iter().filter(|cell| cell.is_empty()).count();
    let code = code(&tokens[first])?;
    let rest: Vec<String> = cells.into_iter().skip_while(|cell| *cell != code).skip(1).collect();
    match rest.as_slice() {
        [what, next] if named > 0 => {
            Some(Row { code, what: what.clone(), next: next.clone(), ..Row::default() })
        }
        [what, next, reason] if named > 0 => Some(Row {
            code,
            what: what.clone(),
            next: next.clone(),
            reason: reason.clone(),
            rule: String::new(),
        }),
        [rule, next] if named == 0 && !rule.is_empty() && !next.is_empty() => {
            Some(Row { code, rule: rule.clone(), next: next.clone(), ..Row::default() })
        }
        [what, rule, next, ..] if !what.is_empty() && !next.is_empty() => {
            let reason = rest.get(3).cloned().unwrap_or_default();
            Some(Row { code, what: what.clone(), rule: rule.clone(), next: next.clone(), reason })
        }
        _ => None,
    }
}

/// The text in each comma-separated column; empty where it holds none.
fn columns(tokens: &[TokenTree]) -> Vec<String> {
    tokens
        .split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','))
        .filter(|column| !column.is_empty())
        .map(|column| first_text(column).unwrap_or_default())
        .collect()
}

/// The first string literal, also within groups.
fn first_text(tokens: &[TokenTree]) -> Option<String> {
    tokens.iter().find_map(|token| match token {
        TokenTree::Literal(_) => literal(token),
        TokenTree::Group(group) => first_text(&group.stream().into_iter().collect::<Vec<_>>()),
        _ => None,
    })
}

fn literal(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else { return None };
    let text = literal.to_string();
    let text = text.strip_prefix('"')?.strip_suffix('"')?;
    // A string may go on in the next line after a backslash.
    let joined: String = text.split("\\\n").enumerate().fold(String::new(), |mut joined, (place, part)| {
        joined.push_str(if place == 0 { part } else { part.trim_start() });
        joined
    });
    Some(joined.replace("\\\"", "\""))
}

/// `book.reason`: lower case letters, digits and underscores, one point or more.
fn code(token: &TokenTree) -> Option<String> {
    let text = literal(token)?;
    let mut parts = text.split('.');
    let sound = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_lowercase())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    // File names are no codes.
    let is_file =
        [".toml", ".csv", ".json", ".xml", ".rs", ".md", ".txt"].iter().any(|end| text.ends_with(end));
    (text.contains('.') && parts.all(sound) && !is_file).then_some(text)
}

fn is_punct(tokens: &[TokenTree], place: usize, sign: char) -> bool {
    matches!(tokens.get(place), Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

/// The name a group of arguments is given to.
fn called(tokens: &[TokenTree], place: usize) -> Option<&'static str> {
    let TokenTree::Ident(name) = tokens.get(place.checked_sub(1)?)? else { return None };
    ["new", "rule", "next", "iso"].into_iter().find(|known| name == known)
}

/// Whether the path before `name(..)` is of this type: `Type :: name (..)`.
fn names(tokens: &[TokenTree], place: usize, of: &str) -> bool {
    place >= 4
        && is_punct(tokens, place - 2, ':')
        && matches!(&tokens[place - 4], TokenTree::Ident(name) if name == of)
}
