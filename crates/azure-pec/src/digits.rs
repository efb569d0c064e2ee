//! Many numbers put in order digit by digit, which takes the same time whatever their order was.

use std::ops::{BitOr, Shl, Shr};

use num_traits::AsPrimitive;

/// A digit has so many bits at most: more would be fewer rounds, and too many places to write to at once.
const DIGIT: u32 = 11;
/// Fewer numbers are put in order sooner by comparing them.
const FEW: usize = 1 << 11;

/// A number of digits.
pub(crate) trait Digits:
    Ord
    + Default
    + From<u32>
    + Shl<u32, Output = Self>
    + Shr<u32, Output = Self>
    + BitOr<Output = Self>
    + AsPrimitive<u32>
    + Send
{
    /// The digit of so many bits that begins at a bit.
    #[inline]
    fn digit(self, bit: u32, bits: u32) -> usize {
        ((self >> bit).low() & ((1 << bits) - 1)) as usize
    }

    /// Its lowest bits.
    #[inline]
    fn low(self) -> u32 {
        self.as_()
    }
}

impl Digits for u64 {}
impl Digits for u128 {}

/// Puts numbers in order, of which there are fewer than 2^32. What stands below the bit `from` has to be in order where all
/// above is the same; above `to` no bit is set.
pub(crate) fn put_in_order<N: Digits>(numbers: &mut [N], from: u32, to: u32) {
    if numbers.len() < FEW {
        numbers.sort_unstable();
        return;
    }
    let rounds = (to - from).div_ceil(DIGIT).max(1);
    let bits = (to - from).div_ceil(rounds);
    // How often each digit has each value, of all rounds: numbers that move keep their digits.
    let mut counts = vec![0_u32; (rounds as usize) << bits];
    let first = |round: usize| from + round as u32 * bits;
    for number in numbers.iter() {
        for (round, counts) in counts.chunks_exact_mut(1 << bits).enumerate() {
            let count = counts.get_mut(number.digit(first(round), bits));
            count.into_iter().for_each(|count| *count = count.wrapping_add(1));
        }
    }
    let mut room = vec![N::default(); numbers.len()];
    let (mut here, mut there) = (numbers, room.as_mut_slice());
    for (round, places) in counts.chunks_exact_mut(1 << bits).enumerate() {
        let mut before = 0_u32;
        for place in &mut *places {
            before = before.wrapping_add(std::mem::replace(place, before));
        }
        for number in &*here {
            let Some(place) = places.get_mut(number.digit(first(round), bits)) else { continue };
            if let Some(own) = there.get_mut(*place as usize) {
                *own = *number;
            }
            *place = place.wrapping_add(1);
        }
        std::mem::swap(&mut here, &mut there);
    }
    if rounds % 2 == 1 {
        // They stand in the room.
        there.copy_from_slice(here);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_are_in_the_order_of_comparing(
            short in prop::collection::vec(0..1_u64 << 43, FEW - 1..FEW + 2),
            low in prop::sample::select(&[0_u32, 1, 16, 21]),
        ) {
            // The low bits number them, as far as there are bits for that.
            let numbered = |(at, number): (usize, &u64)| {
                let below = (1_u64 << low) - 1;
                number << low | (at as u64 * below / short.len() as u64)
            };
            let mut own: Vec<u64> = short.iter().enumerate().map(numbered).collect();
            let mut other = own.clone();
            other.sort_unstable();
            let mut long: Vec<u128> = own.iter().map(|number| u128::from(*number) << 60).collect();
            put_in_order(&mut own, low, 43 + low);
            prop_assert_eq!(&own, &other);
            put_in_order(&mut long, 60 + low, 103 + low);
            prop_assert!(long.iter().map(|number| (number >> 60) as u64).eq(other));
        }
    }
}
