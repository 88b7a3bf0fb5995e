//! Reads the one-cell sentence of a pack's origin table.

use meridian_terms::{Decimal, Refusal};

use super::rule::{
    Allowance, Base, Ceiling, Change, Codes, Level, Materials, Measure, Method, OriginatingShare,
    Requirement, Rule, Share, Status, Term, ValueContent,
};

impl Rule {
    /// Reads a sentence such as `CTH except 7601 or RVC(build-down FOB) >= 40%`. "And" binds tighter than "or".
    ///
    /// ```text
    /// rule      = all { "or" all }             all  = leaf { "and" leaf }
    /// leaf      = "(" rule ")" | "WO" | "WO(" set ")" allows | "ORIGINATING(" set ")" allows
    ///           | ("CC"|"CTH"|"CTSH"|"ANY") ["except" terms] allows
    ///           | "FROM(" terms ")" | "DONE(" words ")" | "THAT(" words ")"
    ///           | ["EACH"] ("VALUE"|"WEIGHT") "(" set ")" "<=" N "%" base | "NOM" "<=" N "%" base
    ///           | "SHARE" ("VALUE"|"WEIGHT") "(" set ")" ">=" N "%"
    ///           | "NOM" ["(" set ")"] "<=" "OM" | N "OF" "(" rule { ";" rule } ")"
    ///           | "RVC(" [method] [base] ["on" set] ")" ">=" (N "%" | "standard")
    /// allows    = { "allow" "(" set ")" ["<=" N "%" base] }
    /// set       = ("all" | terms) ["except" terms]      terms = term { "," term }
    /// term      = "\"" words "\"" ["of" codes] | codes
    /// codes     = "own" ("chapter"|"heading"|"subheading") | range { "+" range }   range = digits ["-" digits]
    /// base      = "EXW" | "FOB" | "NC" | "weight"       method = build-down | build-up | net-cost | focused
    /// ```
    ///
    /// # Errors
    /// `origin.sentence` with the column (1-based, in characters) and what was expected there.
    pub fn parse(sentence: &str) -> Result<Self, Refusal> {
        let mut reader =
            Reader { tokens: tokens(sentence)?, at: 0, end: sentence.chars().count() + 1, depth: 0 };
        let rule = reader.any()?;
        if reader.at < reader.tokens.len() {
            return Err(reader.expected("`and`, `or` or the end"));
        }
        Ok(rule)
    }
}

/// How deep parentheses may nest: outside text never overruns the stack.
const DEEPEST: usize = 32;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Quoted(String),
    Mark(&'static str),
}

struct Reader {
    tokens: Vec<(usize, Token)>,
    at: usize,
    end: usize,
    depth: usize,
}

fn refusal(column: usize, what: &str) -> Refusal {
    Refusal::new("origin.sentence", format!("column {column}: {what}"))
        .rule("the grammar of origin sentences")
        .next("write it like: CTH except 7601 or RVC(build-down FOB) >= 40%")
}

fn tokens(sentence: &str) -> Result<Vec<(usize, Token)>, Refusal> {
    let characters: Vec<char> = sentence.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        let start = at;
        at += 1;
        let token = match character {
            c if c.is_whitespace() => continue,
            '(' => Token::Mark("("),
            ')' => Token::Mark(")"),
            ',' => Token::Mark(","),
            ';' => Token::Mark(";"),
            '+' => Token::Mark("+"),
            '%' => Token::Mark("%"),
            '<' | '>' if characters.get(at) == Some(&'=') => {
                at += 1;
                Token::Mark(if character == '<' { "<=" } else { ">=" })
            }
            '"' => {
                let mut words = String::new();
                loop {
                    match characters.get(at) {
                        None => return Err(refusal(start + 1, "the quotation is not closed")),
                        Some('"') => break,
                        Some('\\') if at + 1 < characters.len() => {
                            at += 1;
                            words.push(characters[at]);
                        }
                        Some(&other) => words.push(other),
                    }
                    at += 1;
                }
                at += 1;
                Token::Quoted(words)
            }
            c if c.is_alphanumeric() => {
                let mut word = String::from(c);
                while let Some(&next) =
                    characters.get(at).filter(|c| c.is_alphanumeric() || "-.".contains(**c))
                {
                    word.push(next);
                    at += 1;
                }
                Token::Word(word)
            }
            other => return Err(refusal(start + 1, &format!("{other:?} has no meaning here"))),
        };
        found.push((start + 1, token));
    }
    Ok(found)
}

impl Reader {
    fn expected(&self, what: &str) -> Refusal {
        let column = self.tokens.get(self.at).map_or(self.end, |(column, _)| *column);
        let found = match self.tokens.get(self.at) {
            None => "the end".to_owned(),
            Some((_, Token::Word(word) | Token::Quoted(word))) => format!("{word:?}"),
            Some((_, Token::Mark(mark))) => format!("`{mark}`"),
        };
        refusal(column, &format!("expected {what}, found {found}"))
    }

    fn word(&self) -> Option<&str> {
        match self.tokens.get(self.at) {
            Some((_, Token::Word(word))) => Some(word),
            _ => None,
        }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.word().is_some_and(|have| have.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn take(&mut self, mark: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some((_, Token::Mark(have))) if *have == mark);
        self.at += usize::from(found);
        found
    }

    fn must(&mut self, mark: &'static str) -> Result<(), Refusal> {
        if self.take(mark) { Ok(()) } else { Err(self.expected(&format!("`{mark}`"))) }
    }

    fn any(&mut self) -> Result<Rule, Refusal> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.expected("no more than 32 nested parentheses"));
        }
        let mut rules = vec![self.all()?];
        while self.take_word("or") {
            rules.push(self.all()?);
        }
        self.depth -= 1;
        Ok(if rules.len() == 1 { rules.remove(0) } else { Rule::Any(rules) })
    }

    fn all(&mut self) -> Result<Rule, Refusal> {
        let mut rules = vec![self.leaf()?];
        while self.take_word("and") {
            rules.push(self.leaf()?);
        }
        Ok(if rules.len() == 1 { rules.remove(0) } else { Rule::All(rules) })
    }

    fn leaf(&mut self) -> Result<Rule, Refusal> {
        if self.take("(") {
            let rule = self.any()?;
            self.must(")")?;
            return Ok(rule);
        }
        let Some(word) = self.word().map(str::to_ascii_uppercase) else {
            return Err(self.expected("a condition such as CTH, WO or VALUE(all) <= 40% EXW"));
        };
        if let Ok(count) = word.parse::<usize>() {
            self.at += 1;
            return self.at_least(count);
        }
        let start = self.at;
        self.at += 1;
        match word.as_str() {
            "WO" if !self.take("(") => Ok(Rule::WhollyObtained),
            "WO" => self.requirement(Status::WhollyObtained),
            "ORIGINATING" => {
                self.must("(")?;
                self.requirement(Status::Originating)
            }
            "CC" => self.change(Some(Level::Chapter)),
            "CTH" => self.change(Some(Level::Heading)),
            "CTSH" => self.change(Some(Level::Subheading)),
            "ANY" => self.change(None),
            "FROM" => {
                self.must("(")?;
                let terms = self.terms()?;
                self.must(")")?;
                Ok(Rule::From(terms))
            }
            "DONE" => Ok(Rule::Done(self.quoted()?)),
            "THAT" => Ok(Rule::That(self.quoted()?)),
            "VALUE" => self.ceiling(Measure::Value, false),
            "WEIGHT" => self.ceiling(Measure::Weight, false),
            "EACH" if self.take_word("VALUE") => self.ceiling(Measure::Value, true),
            "EACH" if self.take_word("WEIGHT") => self.ceiling(Measure::Weight, true),
            "SHARE" if self.take_word("VALUE") => self.share_of(Measure::Value),
            "SHARE" if self.take_word("WEIGHT") => self.share_of(Measure::Weight),
            "NOM" | "MAXNOM" => self.non_originating(),
            "RVC" => self.value_content(),
            _ => {
                self.at = start;
                Err(self.expected("a condition such as CTH, WO or VALUE(all) <= 40% EXW"))
            }
        }
    }

    fn at_least(&mut self, count: usize) -> Result<Rule, Refusal> {
        if !self.take_word("OF") {
            return Err(self.expected("`OF`"));
        }
        self.must("(")?;
        let mut rules = vec![self.any()?];
        while self.take(";") {
            rules.push(self.any()?);
        }
        self.must(")")?;
        Ok(Rule::AtLeast(count, rules))
    }

    fn requirement(&mut self, status: Status) -> Result<Rule, Refusal> {
        let of = self.materials()?;
        self.must(")")?;
        Ok(Rule::Require(Requirement { status, of, allow: self.allowances()? }))
    }

    fn change(&mut self, level: Option<Level>) -> Result<Rule, Refusal> {
        let except = if self.take_word("except") { self.terms()? } else { Vec::new() };
        Ok(Rule::Change(Change { level, except, allow: self.allowances()? }))
    }

    fn allowances(&mut self) -> Result<Vec<Allowance>, Refusal> {
        let mut allowances = Vec::new();
        while self.take_word("allow") {
            self.must("(")?;
            let of = self.materials()?;
            self.must(")")?;
            let at_most = if self.take("<=") { Some(self.share()?) } else { None };
            allowances.push(Allowance { of, at_most });
        }
        Ok(allowances)
    }

    fn quoted(&mut self) -> Result<String, Refusal> {
        self.must("(")?;
        let words = match self.tokens.get(self.at) {
            Some((_, Token::Quoted(words))) => words.clone(),
            _ => return Err(self.expected("words in quotation marks")),
        };
        self.at += 1;
        self.must(")")?;
        Ok(words)
    }

    fn ceiling(&mut self, measure: Measure, each: bool) -> Result<Rule, Refusal> {
        self.must("(")?;
        let of = self.materials()?;
        self.must(")")?;
        self.must("<=")?;
        Ok(Rule::Ceiling(Ceiling { measure, of, each, at_most: self.share()? }))
    }

    fn share_of(&mut self, measure: Measure) -> Result<Rule, Refusal> {
        self.must("(")?;
        let of = self.materials()?;
        self.must(")")?;
        self.must(">=")?;
        Ok(Rule::OriginatingShare(OriginatingShare { measure, of, at_least: self.percent()? }))
    }

    fn non_originating(&mut self) -> Result<Rule, Refusal> {
        let mut of = Materials::all();
        if self.take("(") {
            of = self.materials()?;
            self.must(")")?;
        }
        self.take("<=");
        if self.take_word("OM") {
            return Ok(Rule::NoDearerThanOriginating(of));
        }
        Ok(Rule::Ceiling(Ceiling { measure: Measure::Value, of, each: false, at_most: self.share()? }))
    }

    fn value_content(&mut self) -> Result<Rule, Refusal> {
        self.must("(")?;
        let mut method = Method::BuildDown;
        let mut of = Base::FreeOnBoard;
        if self.take_word("build-up") {
            method = Method::BuildUp;
        } else if self.take_word("net-cost") {
            method = Method::NetCost;
            of = Base::NetCost;
        } else if self.take_word("focused") {
            method = Method::Focused(Materials::all());
        } else {
            self.take_word("build-down");
        }
        if let Some(base) = self.base() {
            of = base;
        }
        if matches!(method, Method::Focused(_)) {
            if !self.take_word("on") {
                return Err(self.expected("`on` and the materials the focused method looks at"));
            }
            method = Method::Focused(self.materials()?);
        }
        self.must(")")?;
        self.must(">=")?;
        let at_least = if self.take_word("standard") { None } else { Some(self.percent()?) };
        Ok(Rule::ValueContent(ValueContent { method, of, at_least }))
    }

    fn base(&mut self) -> Option<Base> {
        let (base, ..) = Base::ALL
            .into_iter()
            .find(|(_, symbol, _)| self.word().is_some_and(|w| w.eq_ignore_ascii_case(symbol)))?;
        self.at += 1;
        Some(base)
    }

    fn percent(&mut self) -> Result<Decimal, Refusal> {
        let number = self.word().and_then(|word| Decimal::parse(word).ok());
        let Some(number) = number.filter(|number| !number.is_negative()) else {
            return Err(self.expected("a percentage"));
        };
        self.at += 1;
        self.must("%")?;
        Ok(number)
    }

    fn share(&mut self) -> Result<Share, Refusal> {
        let percent = self.percent()?;
        let of = self.base().ok_or_else(|| self.expected("EXW, FOB, NC or weight"))?;
        Ok(Share { percent, of })
    }

    fn materials(&mut self) -> Result<Materials, Refusal> {
        let only = if self.take_word("all") { Vec::new() } else { self.terms()? };
        let except = if self.take_word("except") { self.terms()? } else { Vec::new() };
        Ok(Materials { only, except })
    }

    fn terms(&mut self) -> Result<Vec<Term>, Refusal> {
        let mut terms = vec![self.term()?];
        while self.take(",") {
            terms.push(self.term()?);
        }
        Ok(terms)
    }

    fn term(&mut self) -> Result<Term, Refusal> {
        let name = match self.tokens.get(self.at) {
            Some((_, Token::Quoted(words))) => Some(words.clone()),
            _ => None,
        };
        if name.is_some() {
            self.at += 1;
            let codes = if self.take_word("of") { self.codes()? } else { Codes::Anywhere };
            return Ok(Term { name, codes });
        }
        Ok(Term::coded(self.codes()?))
    }

    fn codes(&mut self) -> Result<Codes, Refusal> {
        if self.take_word("own") {
            for level in [Level::Chapter, Level::Heading, Level::Subheading] {
                if self.take_word(level.word()) {
                    return Ok(Codes::Own(level));
                }
            }
            return Err(self.expected("chapter, heading or subheading"));
        }
        let mut ranges = vec![self.range()?];
        while self.take("+") {
            ranges.push(self.range()?);
        }
        Ok(Codes::Within(ranges))
    }

    fn range(&mut self) -> Result<(String, String), Refusal> {
        let is_code =
            |code: &str| matches!(code.len(), 2 | 4..=12) && code.bytes().all(|byte| byte.is_ascii_digit());
        let word = self.word().unwrap_or_default().to_owned();
        let (from, to) = word.split_once('-').unwrap_or((&word, &word));
        if !is_code(from) || !is_code(to) || from.len() != to.len() || from > to {
            return Err(self.expected("a goods code such as 76, 7601 or 5204-5212"));
        }
        self.at += 1;
        Ok((from.to_owned(), to.to_owned()))
    }
}
