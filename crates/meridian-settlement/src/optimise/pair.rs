//! The payments from one bank to another: only their sum matters to everybody else.

/// How many of the smallest payments are summed in every way.
const SMALL: usize = 12;

/// The unsettled payments from one bank to another.
pub(super) struct Pair {
    pub(super) from: usize,
    pub(super) to: usize,
    /// The sum of all of them.
    pub(super) most: i64,
    /// Place in the queue and amount, largest first.
    payments: Vec<(usize, i64)>,
    /// Every sum of the small ones, rising, with one way to make it: a bit for each of the last payments.
    sums: Vec<(i64, u16)>,
}

/// Some of a pair's payments, by how they were found: largest first as long as they fit the target, one of those that
/// fit passed over, and the rest of the way with small ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Choice {
    /// What they sum to.
    pub(super) sum: i64,
    target: i64,
    passed_over: usize,
    small: u16,
}

impl Pair {
    pub(super) fn new(from: usize, to: usize, mut payments: Vec<(usize, i64)>) -> Self {
        payments.sort_by_key(|(place, amount)| (std::cmp::Reverse(*amount), *place));
        let large = payments.len().saturating_sub(SMALL);
        let mut sums = vec![(0, 0)];
        for (bit, (_, amount)) in payments[large..].iter().enumerate() {
            let with: Vec<_> = sums.iter().map(|(sum, way)| (sum + amount, way | 1 << bit)).collect();
            sums.extend(with);
        }
        sums.sort_unstable();
        sums.dedup_by_key(|(sum, _)| *sum);
        Self { from, to, most: payments.iter().map(|(_, amount)| amount).sum(), payments, sums }
    }

    fn large(&self) -> &[(usize, i64)] {
        &self.payments[..self.payments.len().saturating_sub(SMALL)]
    }

    /// The choices found that sum to most at or below the target, and to least at or above it.
    pub(super) fn near(&self, target: i64) -> (Choice, Choice) {
        let all =
            Choice { sum: self.most, target: i64::MAX, passed_over: usize::MAX, small: self.all_small() };
        if target >= self.most {
            return (all, all);
        }
        let (mut low, mut high) = (Choice::default(), all);
        let tries = if self.large().is_empty() { 1 } else { 6 };
        for passed_over in (0..tries).map(|attempt: usize| attempt.wrapping_sub(1)) {
            let left = self.fill(target, passed_over, |_| ());
            let above = self.sums.partition_point(|(sum, _)| *sum <= left);
            let choice =
                |(sum, small): (i64, u16)| Choice { sum: target - left + sum, target, passed_over, small };
            let under = choice(self.sums[above - 1]);
            if under.sum > low.sum || low.sum == 0 {
                low = under;
            }
            if let Some(over) = self.sums.get(above).map(|row| choice(*row))
                && over.sum < high.sum
            {
                high = over;
            }
            if low.sum == target {
                return (low, low);
            }
        }
        (low, high)
    }

    /// The places in the queue of what was chosen.
    pub(super) fn chosen(&self, choice: &Choice, mut take: impl FnMut(usize)) {
        if choice.sum == 0 {
            return;
        }
        self.fill(choice.target, choice.passed_over, &mut take);
        for (bit, (place, _)) in self.payments[self.large().len()..].iter().enumerate() {
            if choice.small >> bit & 1 == 1 {
                take(*place);
            }
        }
    }

    /// Takes large payments that fit, but for one of those; says what is left of the target.
    fn fill(&self, target: i64, passed_over: usize, mut take: impl FnMut(usize)) -> i64 {
        let (mut left, mut fitting) = (target, 0_usize);
        for (place, amount) in self.large() {
            if *amount <= left {
                if fitting != passed_over {
                    left -= amount;
                    take(*place);
                }
                fitting += 1;
            }
        }
        left
    }

    fn all_small(&self) -> u16 {
        self.sums.last().map_or(0, |(_, way)| *way)
    }
}
