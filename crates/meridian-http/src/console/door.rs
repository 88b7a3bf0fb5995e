//! The console's door: signing in and out, whose request it is, and what every page is sent with.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use meridian_access::{Session, Token};
use meridian_node::Command;
use meridian_node::office::Command as Office;
use meridian_people::{self as people, Act, PersonId, Visit};
use serde::Deserialize;

use super::html;
use super::pages::Frame;
use crate::{Problem, Service};

const COOKIE_NAME: &str = "meridian";

/// The signed-in person of a request; a redirect to the door where there is none.
pub(crate) async fn who(service: &Service, headers: &HeaderMap) -> Result<Session, Response> {
    let out = || Redirect::to("/login").into_response();
    let door = service.door.clone().ok_or_else(out)?;
    let token = token(headers).ok_or_else(out)?;
    let now = service.node.clock().now();
    let session = service.node.read(move |hub| door.session(&hub.people, &token, now)).await;
    session.map_err(|error| Problem::from(error).into_response())?.ok_or_else(out)
}

fn token(headers: &HeaderMap) -> Option<Token> {
    let cookies = headers.get(COOKIE)?.to_str().ok()?;
    let of = |cookie: &str| cookie.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('=').map(Token::brought);
    cookies.split(';').find_map(of)
}

/// Whether a page may be looked at: always in the example on loopback, otherwise by whoever is signed in with the right.
pub(crate) async fn may_look(service: &Service, headers: &HeaderMap, act: Act) -> Result<(), Response> {
    if service.is_example || service.door.is_none() {
        return Ok(());
    }
    let session = who(service, headers).await?;
    let asked = service.node.read(move |hub| people::may(&hub.people, &session.person, act)).await;
    asked
        .map_err(|error| Problem::from(error).into_response())?
        .map_err(|refusal| Problem::with_status(&refusal, StatusCode::FORBIDDEN).into_response())
}

#[derive(Deserialize)]
pub(crate) struct SignIn {
    name: String,
    password: String,
    code: String,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    frame: Frame,
    refused: Option<String>,
}

pub(crate) async fn login_page(State(service): State<Service>) -> Response {
    html(&LoginPage { frame: Frame::of(&service), refused: None })
}

pub(crate) async fn login(
    State(service): State<Service>,
    headers: HeaderMap,
    Form(asked): Form<SignIn>,
) -> Response {
    let Some(door) = service.door.clone() else {
        return Redirect::to("/").into_response();
    };
    let now = service.node.clock().now();
    let person = PersonId(asked.name.clone());
    let wanted = person.clone();
    let known = match service.node.read(move |hub| hub.people.person(&wanted).cloned()).await {
        Ok(known) => known,
        Err(error) => return Problem::from(error).into_response(),
    };
    // Argon2 takes its time on purpose: not on a thread that serves others.
    let entered = tokio::task::spawn_blocking(move || {
        door.enter(known.as_ref(), &asked.name, &asked.password, &asked.code, now)
    });
    match entered.await {
        Ok(Ok(entry)) => {
            // Nobody is in before the journal knows of it.
            if let Err(error) = note(&service, person, Visit::SignedIn).await {
                return error;
            }
            let is_https = headers.get(ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"https"));
            let secure = if is_https { "; Secure" } else { "" };
            let cookie =
                format!("{COOKIE_NAME}={}; Path=/; HttpOnly; SameSite=Strict{secure}", entry.token.as_str());
            ([(SET_COOKIE, cookie)], Redirect::to("/office")).into_response()
        }
        Ok(Err(turned)) => {
            if turned.locks_out
                && let Err(error) = note(&service, person, Visit::LockedOut).await
            {
                return error;
            }
            let page = LoginPage { frame: Frame::of(&service), refused: Some(turned.refusal.to_string()) };
            (StatusCode::FORBIDDEN, html(&page)).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Writes a visit to the door in the journal.
async fn note(service: &Service, by: PersonId, visit: Visit) -> Result<(), Response> {
    let actor = by.0.clone();
    let command = Command::Office(Office::Came { by, visit });
    service.node.ask(&actor, command).await.map(drop).map_err(|error| Problem::from(error).into_response())
}

#[derive(Deserialize)]
pub(crate) struct FormToken {
    form: String,
}

pub(crate) async fn logout(
    State(service): State<Service>,
    headers: HeaderMap,
    Form(asked): Form<FormToken>,
) -> Response {
    if let (Ok(session), Some(door), Some(token)) =
        (who(&service, &headers).await, service.door.clone(), token(&headers))
        && session.form.as_str() == asked.form
    {
        door.leave(&token);
        if let Err(error) = note(&service, session.person, Visit::SignedOut).await {
            return error;
        }
    }
    let cookie = format!("{COOKIE_NAME}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    ([(SET_COOKIE, cookie)], Redirect::to("/login")).into_response()
}

/// What every page of the console is sent with: not kept, not framed, no script but its own.
pub(crate) async fn guarded(mut response: Response) -> Response {
    const HEADERS: [(HeaderName, &str); 5] = [
        (CACHE_CONTROL, "no-store"),
        (X_FRAME_OPTIONS, "DENY"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (
            CONTENT_SECURITY_POLICY,
            "script-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        ),
    ];
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
