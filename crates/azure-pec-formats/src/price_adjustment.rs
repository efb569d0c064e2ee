//! `PriceAdjustmentDescription` of invoices: text for people, which may change ("text-based information that can be
//! rearranged or presented in different formats while keeping the same meaning", modern-invoice-reconciliation-file,
//! 2022-01-18). Seen: `["15.0% Partner earned credit for services managed","100.0% Tier 1 Discount"]`.

use azure_pec::{Amount, PriceAdjustment, PriceAdjustmentKind};

use crate::value;

/// The adjustments that a text names, in its order. What is not understood is kept as another one.
pub(crate) fn price_adjustments(text: &str) -> Vec<PriceAdjustment> {
    let parts = match serde_json::from_str::<Vec<String>>(text) {
        Ok(parts) => parts,
        // A text in quotes of its own.
        Err(_) => match serde_json::from_str::<String>(text) {
            Ok(inner) if inner != text => return price_adjustments(&inner),
            _ => plain_parts(text),
        },
    };
    parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).map(adjustment).collect()
}

/// The parts of a text that is no JSON list: between quotes where there are any, else between `;`, `|`, line ends and
/// commas that are no decimal ones.
fn plain_parts(text: &str) -> Vec<String> {
    let text = text.trim().trim_start_matches('[').trim_end_matches(']');
    let is_quote = |c: char| matches!(c, '"' | '“' | '”' | '„');
    if text.contains(is_quote) {
        let parts = text.split(is_quote).map(str::trim);
        return parts.filter(|part| part.chars().any(char::is_alphanumeric)).map(str::to_owned).collect();
    }
    let (mut parts, mut part, mut before) = (Vec::new(), String::new(), ' ');
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        let decimal = before.is_ascii_digit() && rest.peek().is_some_and(char::is_ascii_digit);
        match letter {
            ';' | '|' | '\n' => parts.push(std::mem::take(&mut part)),
            ',' if !decimal => parts.push(std::mem::take(&mut part)),
            _ => part.push(letter),
        }
        before = letter;
    }
    parts.push(part);
    parts
}

fn adjustment(text: &str) -> PriceAdjustment {
    let percent = percentage(text);
    let letters: String =
        text.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
    let kind = match percent {
        Some(_) if letters.contains("partnerearnedcredit") => PriceAdjustmentKind::PartnerEarnedCredit,
        Some(_) => tier(&letters).map_or(PriceAdjustmentKind::Other, PriceAdjustmentKind::TierDiscount),
        None => PriceAdjustmentKind::Other,
    };
    PriceAdjustment { kind, percent, text: text.to_owned() }
}

/// The number before the first `%`, with a point or a comma; none where it is no percentage.
fn percentage(text: &str) -> Option<Amount> {
    let (before, _) = text.split_once('%')?;
    let before = before.trim_end();
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    let digits = before.trim_end_matches(is_part).len();
    let number = before.get(digits..)?.replace(',', ".");
    let percent = value::number(&number).ok()?;
    (percent <= Amount::from(100)).then_some(percent)
}

/// The number of `tier1discount`.
fn tier(letters: &str) -> Option<u32> {
    let (_, rest) = letters.split_once("tier")?;
    let (number, _) = rest.split_once("discount")?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(PriceAdjustmentKind, String)> {
        let shown = |percent: Option<Amount>| percent.map_or("-".to_owned(), |percent| percent.to_string());
        price_adjustments(text).into_iter().map(|read| (read.kind, shown(read.percent))).collect()
    }

    #[test]
    fn the_same_meaning_in_other_forms() {
        use PriceAdjustmentKind::{PartnerEarnedCredit, TierDiscount};
        let both = [(PartnerEarnedCredit, "15".to_owned()), (TierDiscount(1), "100".to_owned())];
        for text in [
            r#"["15.0% Partner earned credit for services managed","100.0% Tier 1 Discount"]"#,
            r#"[ "15,0 % PARTNER EARNED CREDIT" , "Tier 1 discount: 100%" ]"#,
            r#""[\"15% Partner Earned Credit\",\"100% Tier 1 Discount\"]""#,
            "[“15.0% Partner earned credit for services managed”,“100.0% Tier 1 Discount”]",
            "15.0% Partner earned credit for services managed; 100.0% Tier 1 Discount",
            "15,0% Partner-earned credit, 100,0% Tier 1 Discount",
        ] {
            assert_eq!(read(text), both, "{text}");
        }
        assert_eq!(read(""), []);
        assert_eq!(read("[]"), []);
    }

    #[test]
    fn what_is_not_understood_is_kept() {
        use PriceAdjustmentKind::Other;
        let seats = r#"["Price for given billing period","You are getting a discount for being a partner."]"#;
        assert_eq!(read(seats), [(Other, "-".to_owned()), (Other, "-".to_owned())]);
        assert_eq!(price_adjustments(seats)[0].text, "Price for given billing period");
        for text in
            ["Partner earned credit", "1500% Partner earned credit", "5% Tier x Discount", "%", "[\"", "]["]
        {
            assert!(read(text).iter().all(|(kind, _)| *kind == Other), "{text}");
        }
    }
}
