//! Watch lists, bent: none panics, and what is read has a name for every entry.

use meridian_screening::{Lexicon, OfacFiles, import, import_ofac_csv};
use meridian_testdata::{bent, runs};

use crate::today;

const LISTS: [&str; 7] = [
    "<?xml version=\"1.0\"?><CONSOLIDATED_LIST dateGenerated=\"2026-02-27T00:00:00Z\"><INDIVIDUALS><INDIVIDUAL>\
     <DATAID>1</DATAID><FIRST_NAME>Viktor</FIRST_NAME><SECOND_NAME>Examplov</SECOND_NAME>\
     <NATIONALITY><VALUE>Russia</VALUE></NATIONALITY><INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY>\
     <ALIAS_NAME>Vitya</ALIAS_NAME></INDIVIDUAL_ALIAS><INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE>\
     <FROM_YEAR>1960</FROM_YEAR><TO_YEAR>1964</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH></INDIVIDUAL></INDIVIDUALS>\
     <ENTITIES/></CONSOLIDATED_LIST>",
    "<?xml version=\"1.0\"?><sdnList xmlns=\"urn:x\"><publshInformation><Publish_Date>03/18/2026</Publish_Date>\
     </publshInformation><sdnEntry><uid>7</uid><firstName>Viktor</firstName><lastName>EXAMPLOV</lastName>\
     <sdnType>Individual</sdnType><akaList><aka><type>a.k.a.</type><category>weak</category><lastName>VITYA</lastName>\
     </aka></akaList><dateOfBirthList><dateOfBirthItem><dateOfBirth>circa 1964</dateOfBirth></dateOfBirthItem>\
     </dateOfBirthList></sdnEntry></sdnList>",
    "<?xml version=\"1.0\"?><export generationDate=\"2026-03-18T10:00:00\"><sanctionEntity euReferenceNumber=\"EU.1.1\">\
     <subjectType code=\"person\"/><nameAlias wholeName=\"Viktor Examplov\" strong=\"true\"/>\
     <birthdate birthdate=\"1964-05-06\" year=\"1964\"/><identification identificationTypeCode=\"passport\" \
     number=\"123456\"/></sanctionEntity></export>",
    "<?xml version=\"1.0\"?><Designations><DateGenerated>18/03/2026</DateGenerated><Designation><UniqueID>T1</UniqueID>\
     <Names><Name><Name1>Viktor</Name1><Name6>Examplov</Name6><NameType>Primary Name</NameType></Name></Names>\
     <IndividualEntityShip>Individual</IndividualEntityShip><IndividualDetails><Individual><DOBs><DOB>dd/mm/1964</DOB>\
     </DOBs></Individual></IndividualDetails></Designation></Designations>",
    "# TEST\nid,kind,name,aliases,weak_aliases,birth,country,identifiers\n\
     1,person,Viktor Examplov,Виктор Экзамплов|V. Examplov,Vitya,1962-05,RU,PASSPORT:AB 1|IMO:9187629\n",
    "a-1\tPerson\tViktor Examplov\tprimary\tx\na-1\tPerson\tVitya\tweak\tx\nb-2\tVessel\tARK\n",
    "7,\"EXAMPLOV, Viktor\",\"individual\",\"RUSSIA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\
     \"DOB circa 1964; Passport AB1 (Russia); a.k.a. 'VITYA'.\"\n",
];

#[test]
fn no_list_panics_and_every_entry_read_has_a_name() {
    bolero::check!().with_iterations(runs(20_000)).with_max_len(21).for_each(|recipe: &[u8]| {
        let (_, bytes) = bent(&LISTS, recipe);
        if let Ok(list) = import("bent", today(), &bytes) {
            assert!(list.entries.iter().all(|entry| !entry.names.is_empty()), "{list:?}");
        }
        let files = OfacFiles { primary: LISTS[6].as_bytes(), aliases: &bytes, comments: &bytes };
        let _ = import_ofac_csv("bent", today(), files);
        let _ = Lexicon::import(&bytes);
    });
}
