//! Actions of Azure, named by patterns, and whether two blocks of permissions have one in common.

use rustc_hash::FxHashSet;

/// Actions less some: what a role permits by one block, or what a deny assignment denies.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Actions {
    some: Vec<Pattern>,
    except: Vec<Pattern>,
}

impl Actions {
    pub fn new(some: &[String], except: &[String]) -> Self {
        // Published roles hold a few stray slashes. Read without them a pattern names more; an exception must not.
        let tidy = |text: &String| {
            text.split('/').map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
        };
        Self {
            some: some.iter().map(|text| Pattern::new(&tidy(text))).collect(),
            except: except.iter().map(|text| Pattern::new(text.trim())).collect(),
        }
    }

    /// Whether some action is in both.
    pub fn overlap(&self, other: &Self) -> bool {
        let except: Vec<&Pattern> = self.except.iter().chain(&other.except).collect();
        self.some.iter().any(|one| other.some.iter().any(|two| common(one, two, &except)))
    }
}

/// A pattern of actions in lower case; `*` stands for any text, slashes included.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Pattern(Vec<u8>);

/// The places in a pattern that a text may have come to.
type Places = Vec<u16>;

impl Pattern {
    fn new(text: &str) -> Self {
        Self(text.bytes().map(|byte| byte.to_ascii_lowercase()).collect())
    }

    fn is_star(&self, place: u16) -> bool {
        self.0.get(usize::from(place)) == Some(&b'*')
    }

    /// The places with those behind stars, less those that cannot matter: from the last star that was come to, any
    /// text goes on that goes on from a place before it.
    fn settled(&self, places: impl Iterator<Item = u16>) -> Places {
        let mut all = Places::new();
        for mut place in places {
            all.push(place);
            while self.is_star(place) {
                place += 1;
                all.push(place);
            }
        }
        let last_star = all.iter().copied().filter(|place| self.is_star(*place)).max().unwrap_or(0);
        all.retain(|place| *place >= last_star);
        all.sort_unstable();
        all.dedup();
        all
    }

    fn begin(&self) -> Places {
        self.settled(std::iter::once(0))
    }

    fn step(&self, places: &[u16], byte: u8) -> Places {
        self.settled(places.iter().filter_map(|place| {
            let here = self.0.get(usize::from(*place))?;
            if *here == b'*' { Some(*place) } else { (*here == byte).then_some(place + 1) }
        }))
    }

    fn ends(&self, places: &[u16]) -> bool {
        places.last().is_some_and(|place| usize::from(*place) == self.0.len())
    }
}

/// Texts are looked at up to here; what is not found by then may exist.
const MOST_STEPS: usize = 20_000;

/// Longer patterns are no actions, and are not compared.
const LONGEST: usize = 1_000;

/// Whether a text fits both patterns and no exception. Every text is tried at once, letter by letter: where all the
/// patterns stand after it is all that matters of it, and there are few such states.
fn common(one: &Pattern, two: &Pattern, except: &[&Pattern]) -> bool {
    let all: Vec<&Pattern> = [one, two].into_iter().chain(except.iter().copied()).collect();
    if all.iter().any(|pattern| pattern.0.len() > LONGEST) {
        return true;
    }
    // A letter that no pattern names stands for all such.
    let mut letters: Vec<u8> = all.iter().flat_map(|pattern| pattern.0.iter().copied()).collect();
    letters.push(0);
    letters.sort_unstable();
    letters.dedup();
    letters.retain(|letter| *letter != b'*');

    let begin: Vec<Places> = all.iter().map(|pattern| pattern.begin()).collect();
    let mut seen = FxHashSet::from_iter([begin.clone()]);
    let mut open = vec![begin];
    while let Some(state) = open.pop() {
        let mut ends = all.iter().zip(&state).map(|(pattern, places)| pattern.ends(places));
        if ends.next() == Some(true) && ends.next() == Some(true) && !ends.any(|end| end) {
            return true;
        }
        for letter in &letters {
            let next: Vec<Places> =
                all.iter().zip(&state).map(|(pattern, places)| pattern.step(places, *letter)).collect();
            let alive = next.iter().take(2).all(|places| !places.is_empty());
            if alive && seen.insert(next.clone()) {
                open.push(next);
            }
        }
        if seen.len() > MOST_STEPS {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn actions(some: &[&str], except: &[&str]) -> Actions {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Actions::new(&texts(some), &texts(except))
    }

    #[test]
    fn what_roles_have_in_common_with_denies() {
        let contributor = actions(
            &["*"],
            &[
                "Microsoft.Authorization/*/Delete",
                "Microsoft.Authorization/*/Write",
                "Microsoft.Authorization/elevateAccess/Action",
                "Microsoft.Blueprint/blueprintAssignments/write",
            ],
        );
        let reader = actions(&["*/read"], &[]);
        let network = actions(&["Microsoft.Network/*", "Microsoft.Authorization/*/read"], &[]);
        let writes = actions(&["*/write", "*/delete"], &[]);
        let compute = actions(&["microsoft.compute/*"], &[]);
        let grants = actions(&["Microsoft.Authorization/roleAssignments/write"], &[]);
        let everything = actions(&["*"], &[]);
        let all_but_reads = actions(&["*"], &["*/read"]);
        for (role, deny, expected) in [
            (&contributor, &writes, true),
            (&contributor, &compute, true),
            (&contributor, &grants, false),
            (&contributor, &all_but_reads, true),
            (&reader, &writes, false),
            (&reader, &compute, true),
            (&reader, &everything, true),
            (&reader, &all_but_reads, false),
            (&network, &compute, false),
            (&network, &grants, false),
            (&network, &all_but_reads, true),
            (&actions(&[], &[]), &everything, false),
        ] {
            assert_eq!(role.overlap(deny), expected, "{role:?} {deny:?}");
            assert_eq!(deny.overlap(role), expected);
        }
        assert!(actions(&["/Microsoft.Compute//disks/*"], &[]).overlap(&compute));
    }

    /// Only up to a length are patterns compared; beyond it what they share is not known, and may be something.
    #[test]
    fn long_patterns_may_share_anything() {
        let shares = |length: usize| {
            let long = Pattern::new(&"a".repeat(length));
            [
                common(&long, &Pattern::new("b"), &[]),
                common(&Pattern::new("b*"), &Pattern::new("c*"), &[&long]),
            ]
        };
        assert_eq!(
            [shares(LONGEST - 1), shares(LONGEST), shares(LONGEST + 1)],
            [[false; 2], [false; 2], [true; 2]]
        );
    }

    /// Only so many states are looked at; beyond them what patterns share is not known, and may be something.
    #[test]
    fn patterns_with_many_states_may_share_anything() {
        // Each counts its letter up to a number: together they have as many states as the product of the numbers.
        let states = |counts: &[usize]| {
            let letters = ["*a", "*b", "*c"];
            let counting = letters.iter().zip(counts);
            let patterns: Vec<Pattern> =
                counting.map(|(letter, n)| Pattern::new(&(letter.repeat(n - 1) + "*"))).collect();
            let all = Pattern::new("*");
            let except: Vec<&Pattern> = patterns.iter().chain([&all]).collect();
            common(&all, &all, &except)
        };
        assert!(!states(&[160, 125]));
        for more in [vec![160, 126], vec![161, 125], vec![150, 150], vec![28, 28, 28], vec![30, 30, 30]] {
            assert!(states(&more), "{more:?}");
        }
    }

    /// Whether a pattern fits, by trying every length for a star.
    fn fits(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', rest)), _) => (0..=text.len()).any(|at| fits(rest, &text[at..])),
            (Some((one, rest)), Some((other, behind))) => one == other && fits(rest, behind),
            _ => false,
        }
    }

    /// Every text of up to seven of three letters, one of which stands in no pattern.
    fn texts() -> Vec<Vec<u8>> {
        let mut all = vec![Vec::new()];
        let mut from = 0;
        for _ in 0..7 {
            let until = all.len();
            for at in from..until {
                for letter in *b"abz" {
                    let longer = all[at].iter().copied().chain([letter]).collect();
                    all.push(longer);
                }
            }
            from = until;
        }
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]

        #[test]
        fn as_every_text_says(
            one in "[ab*]{0,3}", two in "[ab*]{0,3}", except in prop::collection::vec("[ab*]{1,3}", 0..3),
        ) {
            thread_local!(static TEXTS: Vec<Vec<u8>> = texts());
            let fit = |pattern: &String, text: &[u8]| fits(pattern.as_bytes(), text);
            let found = TEXTS.with(|all| all.iter().any(|text| {
                fit(&one, text) && fit(&two, text) && !except.iter().any(|pattern| fit(pattern, text))
            }));
            let patterns: Vec<Pattern> = except.iter().map(|text| Pattern::new(text)).collect();
            let except: Vec<&Pattern> = patterns.iter().collect();
            prop_assert_eq!(common(&Pattern::new(&one), &Pattern::new(&two), &except), found);
        }
    }
}
