//! The effective unit price: what a unit of a meter has cost in the month so far, after the credit.
//!
//! "Effective unit price" is worked out for a meter over the open month: the amount after the credit, cut to cents, over
//! the quantity (effective-unit-price-calculation, 2020-11-11; the page's "BCU/BC" is a slip, as its own figures show).
//! The three published prices have 15 digits, and the last of each is one above the cut quotient's (21.39 / 29 is
//! 0.737586206896551724...): it is rounded, taken here as half away from zero, as no published price is halfway.

use crate::amount::{Amount, Rounding};

/// The effective unit price of a month-to-date amount, which is cut to the currency's decimals, over the month-to-date
/// quantity; to so many digits after the point, the last one rounded as the published ones are. None for a quantity of 0.
///
/// ```
/// use azure_pec::{Amount, effective_unit_price};
/// // 29 units at 0.868, less 15 %: 21.3962, cut to 21.39.
/// let amount: Amount = "21.3962".parse()?;
/// let price = effective_unit_price(&amount, &"29".parse()?, 2, 15);
/// assert_eq!(price, Some("0.737586206896552".parse()?));
/// # Ok::<(), azure_pec::Error>(())
/// ```
#[must_use]
pub fn effective_unit_price(
    amount: &Amount,
    quantity: &Amount,
    currency_decimals: u32,
    digits: u32,
) -> Option<Amount> {
    let charged = amount.round(currency_decimals, Rounding::TowardZero);
    charged.divide(quantity, digits, Rounding::HalfAwayFromZero)
}

/// The amount that an effective unit price was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AmountBehind {
    /// The one amount of whole cents whose quotient prints as the price does.
    One(Amount),
    /// The price was printed with too few digits: every amount of whole cents between the two prints so.
    Several {
        /// The least.
        least: Amount,
        /// The greatest.
        most: Amount,
    },
    /// No amount of whole cents prints so. The price is no quotient of cents: a plain discounted price, as is printed
    /// where the amount is below a cent (0.03825 for 0.005001 units). This is price times quantity, exact.
    NotCents(Amount),
}

/// The amount behind a printed effective unit price: the whole cents whose quotient by the quantity, cut or rounded to the
/// digits printed, gives the price.
///
/// The price is a quotient whose last digit was dropped, so `price x quantity` may fall just under the cent that it came
/// from: cutting that product would lose a cent. So the amounts are taken into account whose quotient lies within one unit
/// of the last digit: rounded, it is at most half of one away; cut, less than one above (further from zero).
///
/// ```
/// use azure_pec::{AmountBehind, amount_from_effective_price};
/// // 0.333333333333333 x 3 is 0.999999999999999: one dollar, not 99 cents.
/// let behind = amount_from_effective_price(&"0.333333333333333".parse()?, &"3".parse()?, 15, 2);
/// assert_eq!(behind, AmountBehind::One("1".parse()?));
/// # Ok::<(), azure_pec::Error>(())
/// ```
#[must_use]
pub fn amount_from_effective_price(
    price: &Amount,
    quantity: &Amount,
    digits: u32,
    currency_decimals: u32,
) -> AmountBehind {
    let product = price * quantity;
    // Away from zero: the sign of the product does not matter, so look at its size.
    let (price, quantity) = (size(price), size(quantity));
    let signed = |size: Amount| if product.is_negative() { -&size } else { size };
    let half = Amount::new(5, digits + 1);
    let unit = Amount::new(1, digits);
    // Half a unit below is the rounding's; a whole one above the cut's, and it is not reached.
    let least = &(&price - &half) * &quantity;
    let above = &(&price + &unit) * &quantity;
    let cent = Amount::new(1, currency_decimals);
    let mut first = least.round(currency_decimals, Rounding::TowardZero);
    if first < least {
        first += &cent;
    }
    if first.is_negative() {
        first = Amount::ZERO;
    }
    let mut last = above.round(currency_decimals, Rounding::TowardZero);
    if last == above {
        last = &last - &cent;
    }
    match first.cmp(&last) {
        std::cmp::Ordering::Less => AmountBehind::Several { least: signed(first), most: signed(last) },
        std::cmp::Ordering::Equal => AmountBehind::One(signed(first)),
        std::cmp::Ordering::Greater => AmountBehind::NotCents(product),
    }
}

/// The digits that prices of invoices are printed with.
const PRINTED: i64 = 15;

/// The charge behind a price as invoices print it, to 15 significant digits: the nearest whole cents where the price can
/// be their quotient, else price times quantity, cut. Several prices of one charge, each with its quantity, are read back
/// together. A currency whose `decimals` are not known is not rounded.
#[must_use]
pub fn charge_behind(prices: &[(Amount, Amount)], decimals: Option<u32>) -> Amount {
    let (mut product, mut slack) = (Amount::ZERO, Amount::ZERO);
    for (price, quantity) in prices {
        product += &(price * quantity);
        slack += &(&size(quantity) * &last_digit(price));
    }
    let Some(decimals) = decimals else { return product };
    let nearest = product.round(decimals, Rounding::HalfAwayFromZero);
    let off = size(&(&product - &nearest));
    if &off + &off <= slack { nearest } else { product.round(decimals, Rounding::TowardZero) }
}

/// A quotient as invoices print it: to 15 significant digits, half away from zero. None where the quantity is zero.
#[must_use]
pub fn printed_price(amount: &Amount, quantity: &Amount) -> Option<Amount> {
    let rough = amount.divide(quantity, 60, Rounding::TowardZero)?;
    let decimals = u32::try_from(PRINTED - 1 - magnitude(&rough)).unwrap_or_default();
    amount.divide(quantity, decimals, Rounding::HalfAwayFromZero)
}

/// One unit of the 15th significant digit.
fn last_digit(price: &Amount) -> Amount {
    u32::try_from(PRINTED - 1 - magnitude(price)).map_or(Amount::ONE, |scale| Amount::new(1, scale))
}

/// The power of ten of the first digit; 0 for nothing.
fn magnitude(amount: &Amount) -> i64 {
    let text = size(amount).to_string();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let zeros = decimals.bytes().take_while(|digit| *digit == b'0').count();
    let digits = if whole == "0" { 0 } else { whole.len() };
    match (digits, decimals.len() > zeros) {
        (0, true) => -1 - i64::try_from(zeros).unwrap_or_default(),
        (0, false) => 0,
        (digits, _) => i64::try_from(digits).unwrap_or_default() - 1,
    }
}

fn size(amount: &Amount) -> Amount {
    if amount.is_negative() { -amount } else { amount.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn the_published_prices_to_their_last_digit_and_back() {
        // effective-unit-price-calculation, 2020-11-11: 0.868 a unit, 15 % off.
        for (quantity, charged, shown) in [
            ("29", "21.39", "0.737586206896552"),
            ("210.950039", "155.63", "0.737757626107858"),
            ("555.950039", "410.17", "0.737782122900436"),
        ] {
            let quantity = amount(quantity);
            let exact = &(&quantity * &amount("0.868")) * &amount("0.85");
            assert_eq!(exact.round(2, Rounding::TowardZero), amount(charged));
            let price = effective_unit_price(&exact, &quantity, 2, 15).unwrap();
            assert_eq!(price, amount(shown));
            assert_eq!(
                amount_from_effective_price(&price, &quantity, 15, 2),
                AmountBehind::One(amount(charged))
            );
        }
        assert_eq!(effective_unit_price(&Amount::ONE, &Amount::ZERO, 2, 15), None);
    }

    #[test]
    fn a_plain_discounted_price_is_no_quotient_of_cents() {
        // modern-invoice-reconciliation-file, 2021-06-14: 0.045 less 15 %, 0.005001 units.
        let behind = amount_from_effective_price(&amount("0.03825"), &amount("0.005001"), 15, 2);
        assert_eq!(behind, AmountBehind::NotCents(amount("0.00019128825")));
    }

    #[test]
    fn too_few_digits_leave_several_amounts() {
        let behind = amount_from_effective_price(&amount("0.74"), &amount("29"), 2, 2);
        // Rounded, the price is 0.735 at least; cut, less than 0.75.
        assert_eq!(behind, AmountBehind::Several { least: amount("21.32"), most: amount("21.74") });
    }

    /// Every amount of cents is found again from its printed price, cut or rounded, of either sign.
    #[test]
    fn every_amount_comes_back() {
        for cents in 1..400 {
            for quantity in ["3", "7", "0.003", "29", "210.950039", "-3", "-0.7"] {
                let (quantity, charged) = (amount(quantity), Amount::new(cents, 2));
                for rounding in [Rounding::TowardZero, Rounding::HalfAwayFromZero] {
                    let price = charged.divide(&quantity, 15, rounding).unwrap();
                    let behind = amount_from_effective_price(&price, &quantity, 15, 2);
                    assert_eq!(behind, AmountBehind::One(charged.clone()), "{charged} over {quantity}");
                }
            }
        }
    }
}
