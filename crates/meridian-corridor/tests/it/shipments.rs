//! Shipments: the book's refusals, progress, renewed arrivals, milestones, and what others read.

use meridian_corridor::shipment::{
    Classifier, Command, DelayReason, Denial, Document, Event, Facility, Happening, Itinerary, MilestoneKind,
    Observation, Position, ShipmentId, Standing, State, apply, dcsa, decide, epcis, eta, milestones,
};
use meridian_terms::{Micros, Moment};

use crate::world::{ask, moment, network, question};

const PLAIN: &str = ",,,published,,,,,,,";

fn id() -> ShipmentId {
    ShipmentId("SHP-1".into())
}

/// A truck to the border, a border, a truck to the port, a transfer, a weekly ship.
fn itinerary() -> Itinerary {
    let row = |id: &str, ends: &str, mode: &str, rest: &str| {
        format!("{id},{ends},{mode},,,50,published,10,published,100,published,{rest},test\n")
    };
    let links = row("R1", "A,B", "road", PLAIN)
        + &row("R2", "B,C", "road", PLAIN)
        + &row("S", "C,D", "sea", ",scheduled,,published,mon,18:00,6,,,,");
    let network = network(&links, &[]);
    let found = ask(&network, &question("A", "D", "2026-03-20T00:00:00Z"));
    Itinerary::of(&network, &found.routes[0])
}

fn planned() -> State {
    let mut state = State::default();
    let command = Command::Plan {
        id: id(),
        itinerary: itinerary(),
        equipment: vec!["MSKU1234565".into()],
        documents: vec![Document { kind: "TIR".into(), number: "XB123".into() }],
    };
    let event = decide(&state, &command, moment("2026-03-19T10:00:00Z")).unwrap();
    apply(&mut state, &event);
    state
}

fn seen(happening: Happening, place: &str, at: &str) -> Observation {
    Observation {
        classifier: Classifier::Actual,
        happening,
        at: moment(at),
        place: place.into(),
        facility: Facility::InlandTerminal,
        equipment: None,
    }
}

fn record(state: &mut State, observation: Observation, now: &str) -> Result<Event, String> {
    let event = decide(state, &Command::Record(id(), observation), moment(now))
        .map_err(|refusal| refusal.code.to_string())?;
    apply(state, &event);
    Ok(event)
}

#[test]
fn every_refusal_has_its_case() {
    let now = "2026-03-20T12:00:00Z";
    let mut state = planned();
    let plan =
        Command::Plan { id: id(), itinerary: itinerary(), equipment: Vec::new(), documents: Vec::new() };
    let refused =
        |state: &State, command: &Command| decide(state, command, moment(now)).unwrap_err().code.to_string();
    assert_eq!(refused(&state, &plan), Denial::Exists.code());
    let other = ShipmentId("SHP-2".into());
    assert_eq!(
        refused(&state, &Command::Locate(other.clone(), Position { north: 0, east: 0, at: moment(now) })),
        Denial::Unknown.code()
    );
    let mut empty = itinerary();
    empty.route.legs.clear();
    let nothing = Command::Plan { id: other, itinerary: empty, equipment: Vec::new(), documents: Vec::new() };
    assert_eq!(refused(&state, &nothing), Denial::NoWay.code());
    record(&mut state, seen(Happening::Departed, "A", "2026-03-20T01:00:00Z"), now).unwrap();
    let cases = [
        (seen(Happening::Departed, "A", "2026-03-20T01:00:00Z"), Denial::AlreadyRecorded),
        (
            Observation {
                equipment: Some("XXXU0000000".into()),
                ..seen(Happening::Arrived, "B", "2026-03-20T11:00:00Z")
            },
            Denial::EquipmentUnknown,
        ),
        (seen(Happening::Arrived, "B", "2026-03-20T13:00:00Z"), Denial::FromTheFuture),
    ];
    for (observation, denial) in cases {
        assert_eq!(refused(&state, &Command::Record(id(), observation)), denial.code());
    }
    let delay = Command::Explain {
        id: id(),
        reason: DelayReason::Weather,
        place: "F".into(),
        at: moment(now),
        words: String::new(),
    };
    assert_eq!(refused(&state, &delay), Denial::NotOnWay.code());
    record(&mut state, seen(Happening::Discharged, "D", "2026-03-20T11:30:00Z"), now).unwrap();
    assert_eq!(
        refused(&state, &Command::Record(id(), seen(Happening::Stripped, "D", "2026-03-20T11:40:00Z"))),
        Denial::Delivered.code()
    );
}

#[test]
fn an_event_moves_progress_on_and_never_back() {
    let mut state = planned();
    let leg = |state: &State| {
        (state.shipment(&id()).unwrap().progress.leg, state.shipment(&id()).unwrap().progress.has_left)
    };
    let steps = [
        (Happening::GateOut, "A", "2026-03-20T00:10:00Z", (0, false)),
        (Happening::Departed, "A", "2026-03-20T00:30:00Z", (0, true)),
        (Happening::Arrived, "B", "2026-03-20T11:00:00Z", (1, false)),
        (Happening::Crossed, "B", "2026-03-20T20:00:00Z", (2, false)),
        (Happening::Departed, "A", "2026-03-20T00:40:00Z", (2, false)),
        (Happening::Departed, "F", "2026-03-20T20:30:00Z", (2, false)),
    ];
    for (happening, place, at, expected) in steps {
        record(&mut state, seen(happening, place, at), "2026-03-21T00:00:00Z").unwrap();
        let shipment = state.shipment(&id()).unwrap();
        let names: Vec<&str> = shipment.itinerary.route.legs.iter().map(|leg| leg.id.as_str()).collect();
        assert_eq!(leg(&state), expected, "{happening:?} at {place}: {names:?}");
        assert_eq!(shipment.standing, Standing::UnderWay);
    }
    assert!(state.shipment(&id()).unwrap().is_off_way());
    assert_eq!(eta(state.shipment(&id()).unwrap(), moment("2026-03-21T00:00:00Z"), None, 100, 1), None);
}

#[test]
fn the_arrival_is_renewed_from_the_last_event() {
    let mut state = planned();
    let found = |state: &State, now: &str| {
        let deadline = Some(moment("2026-03-24T06:00:00Z"));
        eta(state.shipment(&id()).unwrap(), moment(now), deadline, 2000, 3).unwrap()
    };
    let before = found(&state, "2026-03-20T00:00:00Z");
    assert_eq!(before.p50, moment("2026-03-24T04:00:00Z"), "Monday's ship");
    assert_eq!(before.on_time_per_mille, Some(1000));
    // Three days at the border: Monday's ship is missed, and the next one is a week later.
    record(&mut state, seen(Happening::Arrived, "B", "2026-03-20T10:00:00Z"), "2026-03-20T10:00:00Z")
        .unwrap();
    record(&mut state, seen(Happening::Crossed, "B", "2026-03-23T16:00:00Z"), "2026-03-23T16:00:00Z")
        .unwrap();
    let after = found(&state, "2026-03-23T16:00:00Z");
    assert_eq!(after.p10, moment("2026-03-31T04:00:00Z"));
    assert_eq!(after.on_time_per_mille, Some(0));
    assert!(after.lateness > Micros::days(2), "{:?}", after.lateness);
    assert_eq!(found(&state, "2026-03-23T16:00:00Z"), after, "the same seed gives the same answer");
    // Nothing is heard while the weeks pass: it cannot arrive before now.
    assert!(found(&state, "2026-04-20T00:00:00Z").p10 > moment("2026-04-20T00:00:00Z"));
}

#[test]
fn milestones_are_actual_and_tell_deals_what_they_wait_for() {
    let mut state = planned();
    let way = itinerary();
    let now = "2026-04-20T00:00:00Z";
    let estimated = Observation {
        classifier: Classifier::Estimated,
        ..seen(Happening::Loaded, "A", "2026-03-20T00:00:00Z")
    };
    let event = record(&mut state, estimated, now).unwrap();
    assert!(milestones(&way, &event).is_empty());
    let steps = [
        (Happening::Loaded, "A", vec![MilestoneKind::Loaded]),
        (Happening::Crossed, "B", vec![MilestoneKind::BorderCrossed]),
        (Happening::CustomsReleased, "C", vec![MilestoneKind::CustomsReleased]),
        (Happening::Loaded, "C", vec![]),
        (Happening::Arrived, "D", vec![MilestoneKind::Arrived]),
        (Happening::Discharged, "D", vec![MilestoneKind::Delivered]),
    ];
    for (happening, place, kinds) in steps {
        let event = record(&mut state, seen(happening, place, "2026-03-25T00:00:00Z"), now).unwrap();
        let found: Vec<MilestoneKind> =
            milestones(&way, &event).iter().map(|milestone| milestone.kind).collect();
        assert_eq!(found, kinds, "{happening:?} at {place}");
    }
    assert_eq!(state.shipment(&id()).unwrap().standing, Standing::Delivered);
}

#[test]
fn replay_of_the_events_gives_the_same_state() {
    let mut state = planned();
    let now = "2026-03-22T00:00:00Z";
    let mut events = vec![
        decide(
            &State::default(),
            &Command::Plan {
                id: id(),
                itinerary: itinerary(),
                equipment: vec!["MSKU1234565".into()],
                documents: vec![Document { kind: "TIR".into(), number: "XB123".into() }],
            },
            moment("2026-03-19T10:00:00Z"),
        )
        .unwrap(),
        record(&mut state, seen(Happening::Departed, "A", "2026-03-20T01:00:00Z"), now).unwrap(),
    ];
    let more = [
        Command::Locate(id(), Position { north: 4003, east: 5000, at: moment("2026-03-20T05:00:00Z") }),
        Command::Explain {
            id: id(),
            reason: DelayReason::BorderQueue,
            place: "B".into(),
            at: moment("2026-03-20T15:00:00Z"),
            words: "200 trucks ahead".into(),
        },
        Command::Replan(id(), itinerary()),
    ];
    for command in more {
        let event = decide(&state, &command, moment(now)).unwrap();
        apply(&mut state, &event);
        events.push(event);
    }
    let mut replayed = State::default();
    for event in &events {
        let bytes = borsh::to_vec(event).unwrap();
        apply(&mut replayed, &borsh::from_slice(&bytes).unwrap());
    }
    assert_eq!(replayed, state);
    assert_eq!(state.shipment(&id()).unwrap().delays[0].reason.word(), "border_queue");
}

#[test]
fn dcsa_events_are_read_as_they_were_written() {
    let mut state = planned();
    let now = "2026-03-25T00:00:00Z";
    for (happening, place) in [
        (Happening::Loaded, "A"),
        (Happening::Departed, "A"),
        (Happening::Crossed, "B"),
        (Happening::GaugeChanged, "C"),
    ] {
        let observation = Observation {
            equipment: Some("MSKU1234565".into()),
            ..seen(happening, place, "2026-03-21T00:00:00Z")
        };
        record(&mut state, observation, now).unwrap();
    }
    let written = dcsa::events(&id(), state.shipment(&id()).unwrap());
    assert_eq!(written.len(), 5, "a gauge change is two events");
    assert_eq!(written[1]["payload"]["transportEventTypeCode"], "DEPA");
    assert_eq!(written[2]["payload"]["equipmentEventTypeCode"], "CROS");
    assert_eq!(written[0]["payload"]["transportCall"]["location"]["UNLocationCode"], "A");
    let read: Vec<Observation> = written.iter().map(|event| dcsa::observation(event).unwrap()).collect();
    let kept: Vec<Observation> =
        state.shipment(&id()).unwrap().observed.iter().map(|known| known.observation.clone()).collect();
    assert_eq!(read[..3], kept[..3]);
    assert_eq!(read[4], kept[3]);
    for (broken, words) in
        [("{}", "no payload"), (r#"{"payload":{"equipmentEventTypeCode":"XXXX"}}"#, "no event type XXXX")]
    {
        let refusal = dcsa::observation(&serde_json::from_str(broken).unwrap()).unwrap_err();
        assert!(refusal.what.contains(words), "{refusal}");
    }
}

#[test]
fn epcis_has_the_actual_events_alone() {
    let mut state = planned();
    let now = "2026-03-25T00:00:00Z";
    record(&mut state, seen(Happening::Departed, "A", "2026-03-21T00:00:00Z"), now).unwrap();
    let estimated = Observation {
        classifier: Classifier::Estimated,
        ..seen(Happening::Arrived, "D", "2026-03-28T00:00:00Z")
    };
    record(&mut state, estimated, now).unwrap();
    let document = epcis::document(&id(), state.shipment(&id()).unwrap(), Moment::parse(now).unwrap());
    let events = document["epcisBody"]["eventList"].as_array().unwrap();
    assert_eq!(
        (document["type"].as_str(), document["schemaVersion"].as_str()),
        (Some("EPCISDocument"), Some("2.0"))
    );
    assert_eq!(events.len(), 1);
    assert_eq!(
        (events[0]["bizStep"].as_str(), events[0]["epcList"][0].as_str()),
        (Some("departing"), Some("urn:epc:id:bic:MSKU1234565"))
    );
    assert_eq!(events[0]["readPoint"]["id"], "geo:40.00,50.00");
}
