//! Words that carry little or no identity: legal forms, particles, titles, words every company uses.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a word contributes to a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Identifies somebody.
    Plain,
    /// A name borne by so many that it identifies nobody: Muhammad, Khan, Kim.
    Common,
    /// A word many organisations share: trading, bank, international.
    Generic,
    /// A single letter, standing for a name.
    Initial,
    /// A number or a serial mark.
    Number,
    /// A particle: al, bin, de.
    Particle,
    /// A title: haji, president, mr.
    Title,
    /// A legal form: llc, aktiengesellschaft.
    LegalForm,
}

/// Legal forms written in one word after dots are dropped. (ISO 20275 lists the forms of each country; these are the
/// ones met along the corridor and in its trade.)
const LEGAL_FORMS: &str = " ltd limited ltda llc llp lp inc incorporated corp corporation co company companies plc gmbh ag akg \
aktiengesellschaft sa sarl sarlu sas srl spa sl slu bv bvba nv oy oyj ab as asa aps kg kgaa ug pjsc jsc ojsc cjsc ooo \
oao zao pao ao too tov tdv pat chp ip nao npao fgup gup pvt private pte pty bhd sdn fze fzco fzc fzllc dmcc jlt wll \
bsc saoc saog qsc sal kft zrt nyrt doo dd ad ead eood ood sp zoo spzoo spolka akcyjna kk kabushiki kaisha yk sro lda \
sgps jafza sherkat sahami kompani ltdsti sti tic san aksjeselskap osauhing aktsiaselts uab sia aos scs snc se eurl spc \
mchj ktk xk mmm mjj asc obshchestvo ogranichennoi otvetstvennostyu aktsionernoe sharekat jointstock ";

/// Forms of several words, each with the one word it stands for.
const LONG_FORMS: [(&str, &str); 27] = [
    ("limited liability partnership", "llp"),
    ("limited liability company", "llc"),
    ("limited liability co", "llc"),
    ("public joint stock company", "jsc"),
    ("open joint stock company", "jsc"),
    ("closed joint stock company", "jsc"),
    ("private joint stock company", "jsc"),
    ("joint stock company", "jsc"),
    ("joint stock co", "jsc"),
    ("joint stock", "jsc"),
    ("public limited company", "plc"),
    ("private limited", "ltd"),
    ("obshchestvo s ogranichennoi otvetstvennostyu", "llc"),
    ("obshchestvo s ogranichennoy otvetstvennostyu", "llc"),
    ("obschestvo s ogranichennoi otvetstvennostyu", "llc"),
    ("publichnoe aktsionernoe obshchestvo", "jsc"),
    ("otkrytoe aktsionernoe obshchestvo", "jsc"),
    ("zakrytoe aktsionernoe obshchestvo", "jsc"),
    ("aktsionernoe obshchestvo", "jsc"),
    ("gesellschaft mit beschrankter haftung", "gmbh"),
    ("sociedad anonima", "sa"),
    ("societe anonyme", "sa"),
    ("societa per azioni", "spa"),
    ("sp z o o", "spzoo"),
    ("sp z oo", "spzoo"),
    ("sp zoo", "spzoo"),
    ("s a de c v", "sa"),
];

const PARTICLES: &str = " al el ul ur ud us as an ad ar at az ash il l bin ben ibn bint binti binte ould wald ould oglu ogly kyzy kizi \
de del della di da do dos das du des la le les lo van von der den ter ten zu zum y e i of the and for und et in on to ze o fy mn ela ";

const TITLES: &str = " mr mrs ms miss dr prof professor sir lord dame shaikh sheikh sheik shaykh shekh haji hajji hajj alhaj mullah mulla \
molla maulavi mawlawi maulawi mawlavi molvi moulavi qari hafiz mufti imam ustad ustadh president prasident presidente prezident general gen \
colonel col major maj captain capt brigadier admiral adm lt ing eng engineer mv mt ms ss mv motor vessel \
sri shri smt kumari hon jr sr ";

const COMMON: &str = " muhammad mohammad mohammed muhammed mohamed mohamad mohamet mahomed magomed magomet muhamad ahmad ahmed akhmed akhmad ali \
hassan hasan hussein hussain husain husayn hossein khan akhund mahmoud mahmud mehmood ibrahim ismail yusuf omar umar abd allah din abu abou \
rahman rehman kim lee li chen wang zhang singh kumar kaur sharma ivan ivanov ivanovich aleksandr alexander sergei sergey vladimir \
vladimirovich aleksandrovich nikolaevich jose maria juan carlos mohd md mhmd mhmd ahmd aly hsn hsyn mhmwd abrahym ywsf emr sayd hamid said sayyid syed sayed saeed john david michael ";

const GENERIC: &str = " trading trade bank company group holding holdings international intl general services service industries industry industrial \
enterprise enterprises solutions systems technology technologies technical tech shipping transport transportation logistics export import exports imports construction \
engineering development investment investments finance financial capital fund trust foundation organization organisation association society \
institute center centre central committee ministry government national state republic federal university islamic united global world commercial business \
marine maritime air airlines airways aviation oil gas petroleum petrochemical energy power steel metal metals mining chemical chemicals pharmaceutical pharmaceuticals \
electronics electric motors motor company research department agency office bureau corporation establishment exchange insurance partners consulting management properties \
foods food products product equipment supply materials medical health media press network movement front army brigade party front forces \
torgovyi dom bank zavod kompaniya gruppa sharikat sherkat muassasa tejarat bonyad organizatsiya tsentr banka banco ";

/// Spellings that are one word: what stands left is read as what stands right.
const SAME_WORD: [(&str, &str); 79] = [
    ("abdul", "abd"),
    ("abdel", "abd"),
    ("abdal", "abd"),
    ("abdol", "abd"),
    ("abdur", "abd"),
    ("abdus", "abd"),
    ("abdu", "abd"),
    ("abou", "abu"),
    ("abo", "abu"),
    ("abi", "abu"),
    ("aboo", "abu"),
    ("ullah", "allah"),
    ("ollah", "allah"),
    ("ulla", "allah"),
    ("alah", "allah"),
    ("ulah", "allah"),
    ("abw", "abu"),
    ("aby", "abu"),
    ("alh", "allah"),
    ("lh", "allah"),
    ("lah", "allah"),
    ("dyn", "din"),
    ("wld", "ould"),
    ("bnt", "bint"),
    ("shykh", "shaikh"),
    ("hajy", "haji"),
    ("qary", "qari"),
    ("mwlwy", "mawlawi"),
    ("eldin", "din"),
    ("aldin", "din"),
    ("eddin", "din"),
    ("uddin", "din"),
    ("eddine", "din"),
    ("shrka", "company"),
    ("shrkt", "company"),
    ("mwsa", "establishment"),
    ("mslha", "armed"),
    ("hrka", "movement"),
    ("shbka", "network"),
    ("jbha", "front"),
    ("jma", "group"),
    ("jmat", "group"),
    ("tnzym", "organization"),
    ("dwla", "state"),
    ("jmhwrya", "republic"),
    ("aslamya", "islamic"),
    ("aslamy", "islamic"),
    ("eslami", "islamic"),
    ("islami", "islamic"),
    ("islamiya", "islamic"),
    ("islamiyya", "islamic"),
    ("tjara", "trading"),
    ("wzara", "ministry"),
    ("jhad", "jihad"),
    ("torgovyi", "trading"),
    ("kompaniya", "company"),
    ("gruppa", "group"),
    ("dine", "din"),
    ("deen", "din"),
    ("ben", "bin"),
    ("ibn", "bin"),
    ("bn", "bin"),
    ("intl", "international"),
    ("int", "international"),
    ("natl", "national"),
    ("mfg", "manufacturing"),
    ("bros", "brothers"),
    ("svcs", "services"),
    ("tech", "technology"),
    ("labour", "labor"),
    ("centre", "center"),
    ("organisation", "organization"),
    ("first", "1st"),
    ("second", "2nd"),
    ("third", "3rd"),
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("co", "company"),
];

/// Every word with a class of its own; of a word in two lists the first named counts.
static WORDS: LazyLock<BTreeMap<&str, Class>> = LazyLock::new(|| {
    let mut words = BTreeMap::new();
    for (list, class) in [
        (LEGAL_FORMS, Class::LegalForm),
        (PARTICLES, Class::Particle),
        (TITLES, Class::Title),
        (COMMON, Class::Common),
        (GENERIC, Class::Generic),
    ] {
        for word in list.split_ascii_whitespace() {
            words.entry(word).or_insert(class);
        }
    }
    words
});

/// The class of a word of Latin letters and digits.
pub(super) fn class(word: &str) -> Class {
    if word.bytes().any(|byte| byte.is_ascii_digit()) || is_serial(word) {
        return Class::Number;
    }
    match WORDS.get(word) {
        Some(class) => *class,
        None if word.len() == 1 => Class::Initial,
        None => Class::Plain,
    }
}

/// Roman numbers as they number funds, ships and kings; `i` and `v` alone are initials.
fn is_serial(word: &str) -> bool {
    matches!(word, "ii" | "iii" | "iv" | "vi" | "vii" | "viii" | "ix" | "xi" | "xii" | "xiii" | "xiv" | "xv")
}

/// The one spelling of a word that has several.
pub(super) fn same_word(word: &str) -> &str {
    SAME_WORD.iter().find(|(from, _)| *from == word).map_or(word, |(_, to)| to)
}

/// How many of the words from here on are one legal form, and the word it stands for.
pub(super) fn long_form(words: &[&str]) -> Option<(usize, &'static str)> {
    LONG_FORMS.iter().find_map(|(form, short)| {
        let mut count = 0;
        for part in form.split(' ') {
            if words.get(count) != Some(&part) {
                return None;
            }
            count += 1;
        }
        Some((count, *short))
    })
}

/// Words written together that Arabic, Persian and Pashto names write apart: abd+, +allah, +din.
pub(super) fn parts(word: &str) -> Option<(&str, &str)> {
    if word.len() < 7 || !word.is_ascii() {
        return None;
    }
    for prefix in ["abdul", "abdel", "abdal", "abdol", "abdur", "abdus", "abder", "abdou"] {
        if let Some(rest) = word.strip_prefix(prefix).filter(|rest| rest.len() >= 3) {
            return Some((prefix, rest));
        }
    }
    for suffix in ["ullah", "allah", "ollah", "ulla", "ulah"] {
        if let Some(rest) = word.strip_suffix(suffix).filter(|rest| rest.len() >= 3) {
            return Some((rest, "allah"));
        }
    }
    for suffix in ["uddin", "eddin", "eddine", "oddin", "addin", "uddeen", "aldin", "eldin", "udin", "iddin"]
    {
        if let Some(rest) = word.strip_suffix(suffix).filter(|rest| rest.len() >= 3) {
            return Some((rest, "din"));
        }
    }
    None
}
