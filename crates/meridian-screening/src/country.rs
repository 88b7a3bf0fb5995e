//! Countries by the names lists and messages give them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use meridian_terms::Country;

/// English short names of ISO 3166-1 and the other names lists use, in lower case.
const NAMES: &str = "AF afghanistan;AL albania;DZ algeria;AD andorra;AO angola;AR argentina;AM armenia;AU australia;AT austria;\
AZ azerbaijan;BS bahamas|bahamas, the;BH bahrain;BD bangladesh;BB barbados;BY belarus;BE belgium;BZ belize;BJ benin;BT bhutan;BO bolivia;\
BA bosnia and herzegovina;BW botswana;BR brazil;BN brunei;BG bulgaria;BF burkina faso;BI burundi;KH cambodia;CM cameroon;CA canada;\
CV cape verde|cabo verde;KY cayman islands;CF central african republic;TD chad;CL chile;CN china|people's republic of china;CO colombia;KM comoros;\
CG congo|congo, republic of the;CD congo, democratic republic of the|democratic republic of the congo;CR costa rica;CI cote d'ivoire|cote d ivoire|ivory coast;\
HR croatia;CU cuba;CY cyprus;CZ czech republic|czechia;DK denmark;DJ djibouti;DM dominica;DO dominican republic;EC ecuador;EG egypt;SV el salvador;\
GQ equatorial guinea;ER eritrea;EE estonia;SZ eswatini;ET ethiopia;FJ fiji;FI finland;FR france;GA gabon;GM gambia|gambia, the;GE georgia;DE germany;GH ghana;\
GI gibraltar;GR greece;GD grenada;GT guatemala;GN guinea;GW guinea-bissau|guinea bissau;GY guyana;HT haiti;HN honduras;HK hong kong;HU hungary;IS iceland;IN india;\
ID indonesia;IR iran|iran, islamic republic of|iran (islamic republic of)|islamic republic of iran;IQ iraq;IE ireland;IL israel;IT italy;JM jamaica;JP japan;JO jordan;\
KZ kazakhstan;KE kenya;KI kiribati;KP korea, north|north korea|democratic people's republic of korea;KR korea, south|south korea|republic of korea;XK kosovo;KW kuwait;\
KG kyrgyzstan;LA laos|lao people's democratic republic;LV latvia;LB lebanon;LS lesotho;LR liberia;LY libya;LI liechtenstein;LT lithuania;LU luxembourg;MO macau|macao;\
MG madagascar;MW malawi;MY malaysia;MV maldives;ML mali;MT malta;MH marshall islands;MR mauritania;MU mauritius;MX mexico;FM micronesia;MD moldova|republic of moldova;\
MC monaco;MN mongolia;ME montenegro;MA morocco;MZ mozambique;MM burma|myanmar;NA namibia;NR nauru;NP nepal;NL netherlands|netherlands, the;NZ new zealand;NI nicaragua;\
NE niger;NG nigeria;MK north macedonia|north macedonia, the republic of;NO norway;OM oman;PK pakistan;PW palau;PS palestinian|west bank|region: gaza|state of palestine;\
PA panama;PG papua new guinea;PY paraguay;PE peru;PH philippines;PL poland;PT portugal;QA qatar;RO romania;RU russia|russian federation;RW rwanda;\
KN saint kitts and nevis;LC saint lucia;VC saint vincent and the grenadines;WS samoa;SM san marino;SA saudi arabia;SN senegal;RS serbia;SC seychelles;SL sierra leone;\
SG singapore;SK slovakia;SI slovenia;SB solomon islands;SO somalia;ZA south africa;SS south sudan;ES spain;LK sri lanka;SD sudan|the sudan|sudan, the;SR suriname;\
SE sweden;CH switzerland;SY syria|syrian arab republic;TW taiwan;TJ tajikistan;TZ tanzania|united republic of tanzania;TH thailand;TL timor-leste;TG togo;TO tonga;\
TT trinidad and tobago;TN tunisia;TR turkey|turkiye;TM turkmenistan;UG uganda;UA ukraine;AE united arab emirates;GB united kingdom|great britain|\
united kingdom of great britain and northern ireland;US united states|united states of america;UY uruguay;UZ uzbekistan;VU vanuatu;VE venezuela;VN vietnam|viet nam;\
VG virgin islands, british|british virgin islands;YE yemen;ZM zambia;ZW zimbabwe;BM bermuda;CK cook islands;AG antigua and barbuda;GG guernsey;JE jersey;IM isle of man|man, isle of;CW curacao";

static BY_NAME: LazyLock<BTreeMap<&str, Country>> = LazyLock::new(|| {
    let mut names = BTreeMap::new();
    for row in NAMES.split(';') {
        let Some((code, called)) = row.split_once(' ') else { continue };
        if let Ok(country) = Country::parse(code) {
            names.extend(called.split('|').map(|name| (name, country)));
        }
    }
    names
});

/// The country a name or an ISO 3166-1 code stands for; `None` where it is not known, which is never "no country".
#[must_use]
pub fn country(text: &str) -> Option<Country> {
    let text = text.trim();
    let folded = any_ascii::any_ascii(text).to_lowercase();
    Country::parse(text).ok().or_else(|| BY_NAME.get(folded.as_str()).copied())
}

/// The countries a text names, as whole words.
#[must_use]
pub fn countries_in(text: &str) -> Vec<Country> {
    let folded = any_ascii::any_ascii(text).to_lowercase();
    let is_edge = |at: usize| !folded.as_bytes().get(at).is_some_and(u8::is_ascii_alphanumeric);
    let mut found: Vec<Country> = BY_NAME
        .iter()
        .filter(|(name, _)| {
            folded
                .match_indices(**name)
                .any(|(at, name)| (at == 0 || is_edge(at - 1)) && is_edge(at + name.len()))
        })
        .map(|(_, country)| *country)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
