//! The hub's people for tests: credentials made with the binary, and a browser that signs in.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use meridian_access::CredentialFile;
use meridian_people::PersonId;
use meridian_terms::Micros;
use serde_json::Value;

use crate::bank::{Corridor, now, run};

/// Everybody's password.
pub const PASSWORD: &str = "a sentence nobody guesses";

/// Who there is, with which roles.
pub const PEOPLE: [(&str, &str); 6] = [
    ("amina", "operator"),
    ("boris", "treasurer"),
    ("carla", "compliance"),
    ("dmitri", "compliance"),
    ("elena", "auditor"),
    ("farid", "analyst"),
];

/// Names the people in the corridor's file and makes their credentials.
pub fn found(corridor: &Corridor) {
    let here = corridor.directory.path();
    let mut file = String::new();
    for (id, role) in PEOPLE {
        file.push_str(&format!(
            "[[person]]\nid = \"{id}\"\nname = \"{id} of the test\"\nroles = [\"{role}\"]\n"
        ));
    }
    corridor.write(&file);
    for (id, _) in PEOPLE {
        let told = person(corridor, "add", id);
        assert!(told["enrolment"].as_str().unwrap().starts_with("otpauth://totp/"));
    }
    assert!(here.join("credentials.json").exists());
}

/// `meridian person`, and what it said.
pub fn person(corridor: &Corridor, command: &str, id: &str) -> Value {
    let arguments = ["person", command, id, "--config", "corridor.toml", "--json"];
    let (code, out, complaint) = run(&arguments, corridor.directory.path(), PASSWORD);
    assert_eq!(code, 0, "{out}{complaint}");
    assert!(!out.contains(PASSWORD) && !complaint.contains(PASSWORD));
    serde_json::from_str(&out).unwrap()
}

/// The code a person's authenticator shows, so many seconds from now.
pub fn code(corridor: &Corridor, id: &str, seconds: i64) -> String {
    let file = CredentialFile::at(corridor.directory.path().join("credentials.json"));
    file.read().unwrap()[&PersonId(id.into())]
        .last()
        .unwrap()
        .code(now().plus(Micros::seconds(seconds)))
        .unwrap()
}

/// An answer of the console.
#[derive(Debug, Clone)]
pub struct Page {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Page {
    /// Where it sends one.
    pub fn location(&self) -> &str {
        self.headers.get("location").map_or("", String::as_str)
    }

    /// The value of a hidden field, as it stands first.
    pub fn field(&self, name: &str) -> String {
        let from = format!("name=\"{name}\" value=\"");
        let rest =
            self.body.split(&from).nth(1).unwrap_or_else(|| panic!("no field {name} in {}", self.body));
        rest.split('"').next().unwrap().to_owned()
    }
}

/// A browser: it keeps its cookie and follows nothing by itself.
#[derive(Debug, Clone)]
pub struct Browser {
    address: String,
    cookie: String,
}

impl Browser {
    pub fn new(corridor: &Corridor) -> Self {
        Self { address: corridor.url.trim_start_matches("http://").to_owned(), cookie: String::new() }
    }

    /// Signed in, with the code of so many seconds from now.
    pub fn signed_in(corridor: &Corridor, id: &str, seconds: i64) -> Self {
        let mut browser = Self::new(corridor);
        let answer = browser.sign_in(id, PASSWORD, &code(corridor, id, seconds));
        assert_eq!((answer.status, answer.location()), (303, "/office"), "{id}: {}", answer.body);
        browser
    }

    pub fn sign_in(&mut self, name: &str, password: &str, code: &str) -> Page {
        let answer = self.post("/login", &[("name", name), ("password", password), ("code", code)]);
        if let Some(cookie) = answer.headers.get("set-cookie") {
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
            self.cookie = cookie.split(';').next().unwrap().to_owned();
        }
        answer
    }

    pub fn get(&self, path: &str) -> Page {
        self.ask(&format!("GET {path} HTTP/1.1\r\n"), "")
    }

    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let escaped = |text: &str| {
            text.bytes()
                .map(|byte| match byte.is_ascii_alphanumeric() {
                    true => char::from(byte).to_string(),
                    false => format!("%{byte:02X}"),
                })
                .collect::<String>()
        };
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
        let body = fields.join("&");
        let head = format!(
            "POST {path} HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n",
            body.len()
        );
        self.ask(&head, &body)
    }

    /// Fills in a form of a page: its token is the session's.
    pub fn act(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let form = self.get(page).field("form");
        let mut all = vec![("form", form.as_str())];
        all.extend(fields);
        self.post(path, &all)
    }

    fn ask(&self, head: &str, body: &str) -> Page {
        let mut socket = TcpStream::connect(&self.address).unwrap();
        let cookie =
            if self.cookie.is_empty() { String::new() } else { format!("cookie: {}\r\n", self.cookie) };
        write!(socket, "{head}host: {}\r\nconnection: close\r\n{cookie}\r\n{body}", self.address).unwrap();
        let mut bytes = Vec::new();
        socket.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        Page { status, headers, body: body.to_owned() }
    }
}
