//! One day's requests against the balances: in proportion, exact, the same whatever order they came in.

use std::collections::{BTreeMap, BTreeSet};

use super::state::{Asked, State};
use super::{Grant, QuotaId, RequestId};

/// What one request still wants, and from which balances it takes.
struct Claim {
    id: RequestId,
    wants: i128,
    has: i128,
    from: BTreeSet<QuotaId>,
}

/// Grants for one day's requests.
///
/// Each round gives every claim the share its scarcest balance allows, cut down to whole units; units the cuts
/// left over go one each to the largest remainders, ties to the lower id. With linked quotas a further round
/// hands out what another balance held back. Every round but the last grants something, so it ends.
pub(crate) fn allocate(state: &State, due: &[(RequestId, Asked)]) -> Vec<Grant> {
    let mut balances: BTreeMap<QuotaId, i128> =
        state.quotas.iter().map(|(id, held)| (id.clone(), held.balance)).collect();
    let mut claims: Vec<Claim> = due
        .iter()
        .map(|(id, asked)| Claim {
            id: id.clone(),
            wants: asked.quantity,
            has: 0,
            from: state.touched(&asked.quota),
        })
        .collect();
    claims.sort_by(|a, b| a.id.cmp(&b.id));
    while round(&mut claims, &mut balances) {}
    claims.into_iter().map(|claim| Grant { id: claim.id, quantity: claim.has }).collect()
}

/// One round; whether it granted anything.
fn round(claims: &mut [Claim], balances: &mut BTreeMap<QuotaId, i128>) -> bool {
    let left = |from: &BTreeSet<QuotaId>, balances: &BTreeMap<QuotaId, i128>| {
        from.iter().filter_map(|quota| balances.get(quota)).min().copied().unwrap_or(0)
    };
    // What is asked of each balance by claims that can still get something.
    let mut demand: BTreeMap<QuotaId, i128> = BTreeMap::new();
    for claim in claims.iter().filter(|claim| claim.wants > 0 && left(&claim.from, balances) > 0) {
        for quota in &claim.from {
            let asked = demand.entry(quota.clone()).or_default();
            *asked = asked.saturating_add(claim.wants);
        }
    }
    let open = balances.clone();
    let mut granted = false;
    let mut remainders: Vec<(u128, u128, usize)> = Vec::new();
    for (position, claim) in claims.iter_mut().enumerate() {
        if claim.wants <= 0 || left(&claim.from, &open) <= 0 {
            continue;
        }
        let (share, rest, of) = claim
            .from
            .iter()
            .filter_map(|quota| Some((*open.get(quota)?, *demand.get(quota)?)))
            .map(|(balance, demand)| portion(claim.wants, balance, demand))
            .min_by(|a, b| a.0.cmp(&b.0).then_with(|| smaller_fraction(a, b)))
            .unwrap_or((0, 0, 1));
        if share > 0 {
            give(claim, share, balances);
            granted = true;
        }
        if rest > 0 {
            remainders.push((rest, of, position));
        }
    }
    remainders.sort_by(|a, b| compare_fractions((b.0, b.1), (a.0, a.1)).then(a.2.cmp(&b.2)));
    for (_, _, position) in remainders {
        let claim = &mut claims[position];
        if claim.wants > 0 && left(&claim.from, balances) > 0 {
            give(claim, 1, balances);
            granted = true;
        }
    }
    granted
}

fn give(claim: &mut Claim, quantity: i128, balances: &mut BTreeMap<QuotaId, i128>) {
    claim.has += quantity;
    claim.wants -= quantity;
    for quota in &claim.from {
        if let Some(balance) = balances.get_mut(quota) {
            *balance -= quantity;
        }
    }
}

/// `wants * balance / demand`, whole, with the remainder over `demand`; all of it when the balance suffices.
/// Requests are refused above 10^18 units, so the product fits.
fn portion(wants: i128, balance: i128, demand: i128) -> (i128, u128, u128) {
    if demand <= balance {
        return (wants, 0, 1);
    }
    let product = wants.saturating_mul(balance);
    (product / demand, (product % demand).unsigned_abs(), demand.unsigned_abs())
}

fn smaller_fraction(a: &(i128, u128, u128), b: &(i128, u128, u128)) -> std::cmp::Ordering {
    compare_fractions((a.1, a.2), (b.1, b.2))
}

/// Compares two fractions below one; demands stay below 2^120, so cross products are taken in steps.
fn compare_fractions(a: (u128, u128), b: (u128, u128)) -> std::cmp::Ordering {
    let (mut a, mut b) = (a, b);
    let mut flipped = false;
    loop {
        let order = (a.0 / a.1).cmp(&(b.0 / b.1));
        let (rest_a, rest_b) = (a.0 % a.1, b.0 % b.1);
        let order = match (order, rest_a, rest_b) {
            (std::cmp::Ordering::Equal, 0, 0) => std::cmp::Ordering::Equal,
            (std::cmp::Ordering::Equal, 0, _) => std::cmp::Ordering::Less,
            (std::cmp::Ordering::Equal, _, 0) => std::cmp::Ordering::Greater,
            (std::cmp::Ordering::Equal, ..) => {
                (a, b) = ((a.1, rest_a), (b.1, rest_b));
                flipped = !flipped;
                continue;
            }
            (other, ..) => other,
        };
        return if flipped { order.reverse() } else { order };
    }
}
