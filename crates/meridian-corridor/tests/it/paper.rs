//! Maps, charts and GeoJSON.

use meridian_corridor::{
    Bearable, Criterion, Drawing, Load, Place, Question, Wish, chart, chart_rows, draw, draw_routes, geojson,
    plan,
};

use crate::pack::shipped;
use crate::world::moment;

#[test]
fn maps_are_well_formed_and_name_what_they_show() {
    let network = shipped();
    let found =
        plan(&network, &Question::new("INNSA", "RUMOW", moment("2026-03-20T00:00:00Z"), Load::teu(1)));
    for width in [390, 1280] {
        let ways = Wish::ALL
            .into_iter()
            .filter_map(|wish| Some((wish.word().to_owned(), wish.pick(&found)?)))
            .collect();
        let shipments = vec![("SHP <1>".to_owned(), Place::new(30.0, 55.0))];
        let svg =
            draw_routes(&network, &Drawing { title: "Nhava Sheva & Moscow".into(), ways, shipments, width });
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"));
        assert!(svg.contains("Nhava Sheva &amp; Moscow") && svg.contains("SHP &lt;1&gt;"));
        assert!(svg.contains(">Moscow</text>") && svg.contains("fastest: "));
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "a place lies nowhere");
        assert_eq!(svg.matches("<g ").count(), svg.matches("</g>").count());
    }
    let small = draw(&network, &[vec!["INNSA".into(), "IRSRP".into()]]);
    assert!(
        small.contains(">Nhava Sheva</text>")
            && small.contains(">Bandar Abbas</text>")
            && !small.contains("NaN")
    );
}

#[test]
fn the_chart_shows_every_route_and_faints_the_unbearable() {
    let network = shipped();
    let found =
        plan(&network, &Question::new("INNSA", "RUMOW", moment("2026-03-20T00:00:00Z"), Load::teu(1)));
    let bearable = Bearable { days: Some(20.0), ..Bearable::default() };
    let rows = chart_rows(&found, &bearable);
    assert_eq!(rows.len(), found.routes.len());
    assert_eq!(rows[0].wishes.first(), Some(&"fastest"));
    let svg = chart(&found, Some(&found), Criterion::Days, Criterion::Dollars, &bearable);
    assert_eq!(svg.matches("<circle").count(), 2 * found.routes.len());
    let unbearable = rows.iter().filter(|row| !row.is_bearable).count();
    assert!(unbearable > 0 && unbearable < rows.len());
    assert_eq!(svg.matches("circle class=\"dot faint").count(), unbearable);
}

#[test]
fn geojson_has_every_node_link_and_leg() {
    let network = shipped();
    let found =
        plan(&network, &Question::new("INNSA", "RUMOW", moment("2026-03-20T00:00:00Z"), Load::teu(1)));
    let route = &found.routes[0];
    let document = geojson(&network, &[route]);
    let features = document["features"].as_array().unwrap();
    assert_eq!(features.len(), network.nodes().len() + network.links().len() + route.legs.len());
    let (east, north) =
        (&features[0]["geometry"]["coordinates"][0], &features[0]["geometry"]["coordinates"][1]);
    assert_eq!((east.as_f64(), north.as_f64()), (Some(72.95), Some(18.95)), "longitude first");
}
