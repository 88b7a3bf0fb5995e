//! A sheet of paper: places projected onto it, and room for words.

use std::fmt::Write as _;

use crate::distance::Place;

/// Lambert's conformal conic projection, fitted to what is shown.
pub(super) struct Sheet {
    pub(super) width: f64,
    pub(super) height: f64,
    cone: f64,
    scale: f64,
    radius: f64,
    meridian: f64,
    left: f64,
    top: f64,
    zoom: f64,
    /// Rectangles words already stand in.
    taken: Vec<[f64; 4]>,
}

impl Sheet {
    /// A sheet of a width that shows all places with a margin, and leaves room above and below.
    pub(super) fn of(places: &[Place], width: f64, above: f64, below: f64) -> Self {
        let bound = |pick: fn(&Place) -> f64, first: f64, choose: fn(f64, f64) -> f64| {
            places.iter().map(pick).fold(first, choose)
        };
        let (south, north) = (bound(|p| p.north, 90.0, f64::min), bound(|p| p.north, -90.0, f64::max));
        let (west, east) = (bound(|p| p.east, 180.0, f64::min), bound(|p| p.east, -180.0, f64::max));
        // Standard parallels a sixth of the way in from either edge; apart, or the cone has no opening.
        let sixth = ((north - south) / 6.0).max(1.0);
        let (first, second) = (
            (south + sixth).clamp(-60.0, 80.0).to_radians(),
            (north - sixth).clamp(-58.0, 82.0).max(south + sixth + 1.0).to_radians(),
        );
        let tangent = |north: f64| (std::f64::consts::FRAC_PI_4 + north / 2.0).tan();
        let cone = ((first.cos() / second.cos()).ln() / (tangent(second) / tangent(first)).ln()).max(0.05);
        let scale = first.cos() * tangent(first).powf(cone) / cone;
        let middle = f64::midpoint(south, north).to_radians();
        let mut sheet = Self {
            width,
            height: 0.0,
            cone,
            scale,
            radius: scale / tangent(middle).powf(cone),
            meridian: f64::midpoint(west, east),
            left: 0.0,
            top: 0.0,
            zoom: 1.0,
            taken: Vec::new(),
        };
        // The edges of the shown box bend, so a few points of each are tried.
        let mut box_of = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for step in 0..=8 {
            let share = f64::from(step) / 8.0;
            let (across, up) = ((east - west).mul_add(share, west), (north - south).mul_add(share, south));
            for place in [
                Place::new(south, across),
                Place::new(north, across),
                Place::new(up, west),
                Place::new(up, east),
            ] {
                let (x, y) = sheet.raw(place);
                box_of = [box_of[0].min(x), box_of[1].min(y), box_of[2].max(x), box_of[3].max(y)];
            }
        }
        let margin = 0.06 * (box_of[2] - box_of[0]).max(box_of[3] - box_of[1]).max(0.02);
        let (left, right) = (box_of[0] - margin * 1.4, box_of[2] + margin * 1.4);
        let (mut low, mut high) = (box_of[1] - margin, box_of[3] + margin);
        sheet.zoom = width / (right - left);
        sheet.left = left;
        // A sheet is never flatter than two to one, nor taller than eight to five.
        let tall = (high - low) * sheet.zoom;
        if tall < width * 0.5 {
            let more = (width * 0.5 - tall) / sheet.zoom / 2.0;
            (low, high) = (low - more, high + more);
        } else if tall > width * 1.6 {
            sheet.zoom = width * 1.6 / (high - low);
            sheet.left = left - (width / sheet.zoom - (right - left)) / 2.0;
        }
        sheet.top = low - above / sheet.zoom;
        sheet.height = (high - low) * sheet.zoom + above + below;
        sheet
    }

    fn raw(&self, place: Place) -> (f64, f64) {
        let north = place.north.clamp(-80.0, 88.0).to_radians();
        let radius = self.scale / (std::f64::consts::FRAC_PI_4 + north / 2.0).tan().powf(self.cone);
        let angle = self.cone * (place.east - self.meridian).to_radians();
        (radius * angle.sin(), radius.mul_add(angle.cos(), -self.radius))
    }

    /// Where a place lies on the sheet.
    pub(super) fn at(&self, place: Place) -> (f64, f64) {
        let (x, y) = self.raw(place);
        ((x - self.left) * self.zoom, (y - self.top) * self.zoom)
    }

    /// Pixels of so many kilometres about a place.
    pub(super) fn pixels(&self, place: Place, kilometres: f64) -> f64 {
        let (x, y) = self.at(place);
        let (x2, y2) = self.at(Place::new(place.north + kilometres / 111.2, place.east));
        (x2 - x).hypot(y2 - y)
    }

    /// Whether a point is on the sheet, or near it.
    pub(super) fn shows(&self, (x, y): (f64, f64), near: f64) -> bool {
        x > -near && y > -near && x < self.width + near && y < self.height + near
    }

    /// A path of places as SVG data.
    pub(super) fn path(&self, places: &[Place], is_closed: bool) -> String {
        let mut data = String::new();
        for (number, place) in places.iter().enumerate() {
            let (x, y) = self.at(*place);
            let _ = write!(data, "{}{x:.1} {y:.1}", if number == 0 { 'M' } else { 'L' });
        }
        if is_closed {
            data.push('Z');
        }
        data
    }

    /// Takes room that no word may stand in.
    pub(super) fn take(&mut self, rectangle: [f64; 4]) {
        self.taken.push(rectangle);
    }

    /// Room for words beside a point: to the right, the left, below or above it, where none stand yet.
    pub(super) fn room(
        &mut self,
        (x, y): (f64, f64),
        words: usize,
        size: f64,
        away: f64,
    ) -> Option<(f64, f64, &'static str)> {
        #[expect(clippy::cast_precision_loss, reason = "a name has few letters")]
        let long = words as f64 * size * 0.56;
        let candidates = [
            (x + away, y + size * 0.35, "start", [x + away, y - size * 0.6, x + away + long, y + size * 0.6]),
            (x - away, y + size * 0.35, "end", [x - away - long, y - size * 0.6, x - away, y + size * 0.6]),
            (x, y + away + size * 0.8, "middle", [x - long / 2.0, y + away, x + long / 2.0, y + away + size]),
            (x, y - away, "middle", [x - long / 2.0, y - away - size, x + long / 2.0, y - away]),
        ];
        for (x, y, anchor, rectangle) in candidates {
            let inside = rectangle[0] > 2.0
                && rectangle[1] > 2.0
                && rectangle[2] < self.width - 2.0
                && rectangle[3] < self.height - 2.0;
            let free = !self.taken.iter().any(|other| {
                rectangle[0] < other[2]
                    && other[0] < rectangle[2]
                    && rectangle[1] < other[3]
                    && other[1] < rectangle[3]
            });
            if inside && free {
                self.taken.push(rectangle);
                return Some((x, y, anchor));
            }
        }
        None
    }
}

/// Text that may stand in XML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
