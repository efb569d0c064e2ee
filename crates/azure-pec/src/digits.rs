//! Many numbers put in order digit by digit, which takes the same time whatever their order was.

use std::ops::{BitOr, Shl, Shr};

use num_traits::AsPrimitive;

/// Bits of a digit: its values are few enough for the processor's nearest cache.
const DIGIT: u32 = 8;
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
    + AsPrimitive<u8>
    + AsPrimitive<u32>
{
    /// The digit that begins at a bit.
    #[inline]
    fn digit(self, bit: u32) -> u8 {
        (self >> bit).as_()
    }

    /// Its lowest bits.
    #[inline]
    fn low(self) -> u32 {
        self.as_()
    }
}

impl Digits for u64 {}
impl Digits for u128 {}

/// Puts numbers in order. What stands below the bit `from` has to be in order where all above is the same; above `to` no bit
/// is set.
pub(crate) fn put_in_order<N: Digits>(numbers: &mut Vec<N>, from: u32, to: u32) {
    if numbers.len() < FEW {
        numbers.sort_unstable();
        return;
    }
    let mut moved = vec![N::default(); numbers.len()];
    for bit in (from..to).step_by(DIGIT as usize) {
        let mut places = [0_usize; 1 << DIGIT];
        for number in numbers.iter() {
            places.get_mut(usize::from(number.digit(bit))).into_iter().for_each(|count| *count += 1);
        }
        let mut before = 0;
        for place in &mut places {
            before += std::mem::replace(place, before);
        }
        for number in numbers.iter() {
            let Some(place) = places.get_mut(usize::from(number.digit(bit))) else { continue };
            if let Some(own) = moved.get_mut(*place) {
                *own = *number;
            }
            *place += 1;
        }
        std::mem::swap(numbers, &mut moved);
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
