//! The office under `meridian serve`: who comes in, what two open and one alone does not, and what `serve` will not start with.

use crate::bank::{Corridor, run};
use crate::people::{Browser, PASSWORD, code, found, person};

const LINK: &str = "[[link]]\ncountries = [\"IN\", \"RU\"]\ninstrument = \"Agreement 1\"\n";

#[test]
fn nobody_comes_in_without_password_and_unused_code_and_five_failures_make_a_name_wait() {
    let corridor = Corridor::unlinked("list.csv", 30);
    found(&corridor);
    let hub = corridor.serve();
    let mut browser = Browser::new(&corridor);
    for path in ["/", "/payments", "/positions", "/office", "/cases"] {
        let answer = browser.get(path);
        assert_eq!((answer.status, answer.location()), (303, "/login"), "{path}");
    }
    let login = browser.get("/login");
    assert_eq!(login.status, 200);
    assert_eq!(login.headers["x-frame-options"], "DENY");
    assert_eq!(login.headers["cache-control"], "no-store");

    let shown = code(&corridor, "amina", 0);
    let wrong = if shown == "000000" { "111111" } else { "000000" };
    let rows = [
        ("amina", PASSWORD, wrong),
        ("amina", "not the password", shown.as_str()),
        ("amina", PASSWORD, ""),
        ("stranger", PASSWORD, shown.as_str()),
    ];
    let told: Vec<String> = rows
        .iter()
        .map(|(name, password, code)| {
            let answer = browser.sign_in(name, password, code);
            assert_eq!(answer.status, 403, "{name}");
            assert!(answer.body.contains("access.no_entry"), "{}", answer.body);
            // The clock in the page's head moves on.
            answer.body.split("<main>").nth(1).unwrap().to_owned()
        })
        .collect();
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "the answers differ");
    let answer = browser.sign_in("amina", PASSWORD, &shown);
    assert_eq!((answer.status, answer.location()), (303, "/office"));
    let page = browser.get("/office");
    assert!(page.status == 200 && page.body.contains("amina of the test"));
    // The same code a second time.
    assert_eq!(Browser::new(&corridor).sign_in("amina", PASSWORD, &shown).status, 403);
    // Signed out, the cookie opens nothing any more.
    browser.act("/office", "/logout", &[]);
    assert_eq!(browser.get("/office").location(), "/login");

    for _ in 0..5 {
        Browser::new(&corridor).sign_in("boris", "guess", "123456");
    }
    let waits = Browser::new(&corridor).sign_in("boris", PASSWORD, &code(&corridor, "boris", 0));
    assert!(waits.status == 403 && waits.body.contains("access.wait"), "{}", waits.body);
    // All of it stands in the audit, and nothing of the secrets in the journal.
    let auditor = Browser::signed_in(&corridor, "elena", 0).get("/office");
    for told in ["signed in", "signed out", "failed too often"] {
        assert!(auditor.body.contains(told), "{told} is not in the audit");
    }
    hub.kill();
    let secrets = std::fs::read_to_string(corridor.directory.path().join("credentials.json")).unwrap();
    let secret = secrets.split("\"secret\": \"").nth(1).unwrap().split('"').next().unwrap();
    for entry in std::fs::read_dir(corridor.data()).unwrap() {
        let path = entry.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        for hidden in [PASSWORD, secret, "$argon2"] {
            let found = bytes.windows(hidden.len()).any(|window| window == hidden.as_bytes());
            assert!(!found, "{hidden} is in {}", path.display());
        }
    }
}

#[test]
fn two_signed_in_people_open_a_link_one_alone_does_not_and_each_sees_only_their_acts() {
    let corridor = Corridor::unlinked("list.csv", 30);
    corridor.write(LINK);
    found(&corridor);
    let hub = corridor.serve();
    let sign_in = |id: &str| Browser::signed_in(&corridor, id, 0);
    let (amina, boris) = (sign_in("amina"), sign_in("boris"));
    let open = [("act", "open-link"), ("a", "IN"), ("b", "RU"), ("instrument", "Agreement 1")];

    // A treasurer approves links and proposes none; a page of somebody else cannot act.
    let refused = boris.act("/office", "/office/act", &open);
    assert!(refused.location().contains("people%2Eno%5Fright"), "{}", refused.location());
    let mut forged = vec![("form", "0")];
    forged.extend(open);
    assert_eq!(amina.post("/office/act", &forged).status, 403);

    assert_eq!(amina.act("/office", "/office/act", &open).location(), "/office");
    let page = boris.get("/office");
    assert!(page.body.contains("open payments between IN and RU on Agreement 1"));
    assert!(page.body.contains("shut</span>") || !page.body.contains(">open</span>"));
    let (proposal, digest) = (page.field("proposal"), page.field("digest"));
    let approve = [("proposal", proposal.as_str()), ("digest", digest.as_str()), ("decision", "approve")];
    let alone = amina.act("/office", "/office/decide", &approve);
    assert!(alone.location().contains("people%2Eno%5Fright"), "{}", alone.location());
    let other = [("proposal", proposal.as_str()), ("digest", &"0".repeat(64)), ("decision", "approve")];
    let unseen = boris.act("/office", "/office/decide", &other);
    assert!(unseen.location().contains("people%2Eother%5Fmatter"), "{}", unseen.location());
    assert_eq!(boris.act("/office", "/office/decide", &approve).location(), "/office");
    assert!(boris.get("/office").body.contains("<span class=\"stage committed\">open</span>"));

    // What each role finds on the page, and what it is told when it acts all the same.
    let forms = [
        ("amina", &["open-link", "shut-link", "admit-person", "suspend-participant"][..], &["set-cap"][..]),
        ("boris", &["shut-link", "set-cap", "suspend-participant"], &["open-link", "admit-person"]),
        ("carla", &["shut-link", "suspend-participant"], &["open-link", "set-cap", "admit-person"]),
        ("elena", &[], &["open-link", "shut-link", "set-cap", "admit-person", "suspend-participant"]),
        ("farid", &[], &["open-link", "shut-link", "set-cap", "admit-person", "suspend-participant"]),
    ];
    for (id, there, not_there) in forms {
        let browser = match id {
            "amina" => amina.clone(),
            "boris" => boris.clone(),
            id => sign_in(id),
        };
        let page = browser.get("/office").body;
        for act in there {
            assert!(page.contains(&format!("value=\"{act}\"")), "{id} has no form for {act}");
        }
        for act in not_there {
            assert!(!page.contains(&format!("value=\"{act}\"")), "{id} has a form for {act}");
        }
        assert_eq!(page.contains("<h2>Audit</h2>"), ["carla", "elena"].contains(&id), "{id} and the audit");
        assert_eq!(
            browser.get("/cases").status == 200,
            ["carla", "elena"].contains(&id),
            "{id} and the cases"
        );
        if ["elena", "farid"].contains(&id) {
            let shut = [("act", "shut-link"), ("a", "IN"), ("b", "RU")];
            let told = browser.act("/office", "/office/act", &shut);
            assert!(told.location().contains("people%2Eno%5Fright"), "{id}: {}", told.location());
        }
    }

    // One person shuts, at once; the audit tells it all, and it survives a restart.
    assert_eq!(
        boris.act("/office", "/office/act", &[("act", "shut-link"), ("a", "IN"), ("b", "RU")]).location(),
        "/office"
    );
    hub.kill();
    let _hub = corridor.serve();
    assert_eq!(boris.get("/office").location(), "/login", "a restart asks everybody in again");
    let audit = Browser::signed_in(&corridor, "elena", 30).get("/office").body;
    for told in ["open payments between IN and RU", "approved by boris", "shut the link IN-RU", "signed in"] {
        assert!(audit.contains(told), "{told} is not in the audit");
    }
}

#[test]
fn a_credential_changes_hands_when_two_have_approved_it() {
    let corridor = Corridor::unlinked("list.csv", 30);
    found(&corridor);
    let _hub = corridor.serve();
    let old = code(&corridor, "farid", 0);
    let told = person(&corridor, "totp", "farid");
    let fingerprint = told["fingerprint"].as_str().unwrap().to_owned();
    // The new secret opens nothing yet, the old one still does.
    assert_eq!(Browser::new(&corridor).sign_in("farid", PASSWORD, &code(&corridor, "farid", 0)).status, 403);
    assert_eq!(Browser::new(&corridor).sign_in("farid", PASSWORD, &old).status, 303);
    let amina = Browser::signed_in(&corridor, "amina", 0);
    let rotate = [("act", "rotate-credential"), ("person", "farid"), ("digest", fingerprint.as_str())];
    assert_eq!(amina.act("/office", "/office/act", &rotate).location(), "/office");
    let carla = Browser::signed_in(&corridor, "carla", 0);
    let page = carla.get("/office");
    let (proposal, digest) = (page.field("proposal"), page.field("digest"));
    let approve = [("proposal", proposal.as_str()), ("digest", digest.as_str()), ("decision", "approve")];
    assert_eq!(carla.act("/office", "/office/decide", &approve).location(), "/office");
    let fresh = code(&corridor, "farid", 30);
    assert_eq!(Browser::new(&corridor).sign_in("farid", PASSWORD, &fresh).status, 303);
}

#[test]
fn serve_does_not_start_unguarded() {
    let test_list = "# TEST list: invented names\nid,kind,name,aliases\nL-1,person,Somebody Listed,\n";
    let people = "[[person]]\nid = \"amina\"\nname = \"A\"\nroles = [\"operator\"]\n";
    let replaced = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let rows = [
        ("the test watch list", None, Some(test_list), "", "marked TEST"),
        ("an empty list", None, Some("id,kind,name,aliases\n"), "", "no entry"),
        ("no freshness", Some(replaced("oldest_list_days = 30\n", "")), None, "", "oldest_list_days"),
        ("no list", Some(replaced("[\"list.csv\"]", "[]")), None, "", "lists is empty"),
        (
            "off loopback",
            Some(replaced("listen = \"127.0.0.1:", "listen = \"0.0.0.0:")),
            None,
            "",
            "unprotected",
        ),
        (
            "a console off loopback",
            Some(replaced("oldest", "console = \"0.0.0.0:9\"\noldest")),
            None,
            "",
            "stays on loopback",
        ),
        (
            "an open console behind a proxy",
            Some(replaced("oldest", "public_url = \"https://hub.example\"\noldest")),
            None,
            "",
            "would be unprotected",
        ),
        ("a person without a credential", None, None, people, "meridian person add amina"),
        ("a role nobody knows", None, None, &people.replace("operator", "king"), "role \"king\""),
    ];
    for (what, replace, list, more, told) in &rows {
        let corridor = Corridor::unlinked("list.csv", 30);
        let here = corridor.directory.path();
        corridor.write(more);
        if let Some((from, to)) = replace {
            let path = here.join("corridor.toml");
            let file = std::fs::read_to_string(&path).unwrap();
            assert!(file.contains(from.as_str()));
            std::fs::write(&path, file.replacen(from.as_str(), to, 1)).unwrap();
        }
        if let Some(list) = list {
            std::fs::write(here.join("list.csv"), list).unwrap();
        }
        let (exit, out, complaint) = run(&["serve", "--config", "corridor.toml"], here, "");
        assert_eq!(exit, 2, "{what}: it started, or failed otherwise: {out}{complaint}");
        assert!(complaint.contains(told), "{what}: {complaint}");
    }
}

#[cfg(unix)]
#[test]
fn a_credentials_file_others_can_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let corridor = Corridor::unlinked("list.csv", 30);
    found(&corridor);
    let path = corridor.directory.path().join("credentials.json");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let (exit, _, complaint) = run(&["serve", "--config", "corridor.toml"], corridor.directory.path(), "");
    assert!(exit == 2 && complaint.contains("chmod 600"), "{complaint}");
}
