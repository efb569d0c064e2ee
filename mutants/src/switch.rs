//! A source file rewritten so that each of its mutants is switched on at run time.
//!
//! Pieces are only put in between: what a mutant runs stands beside what it stands for, as it was written. Only one is ever
//! switched on, so what a mutant runs needs no switches inside.

use std::collections::{BTreeSet, HashMap};

use proc_macro2::{LineColumn, Span};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Arm, Block, Expr, ReturnType, Signature, Type};

use crate::insertions::{Insertions, Piece};
use crate::mutant::{Genre, Mutant, Place};
use crate::record::Outcome;

/// A file's new text, and where its mutants came to stand.
pub struct Switched {
    pub text: String,
    pub pieces: Vec<Piece<Part>>,
    /// Mutants that have no switch, and why: in constants and in functions that constants need; operators of which there is no
    /// other.
    pub unswitched: Vec<(u32, Outcome)>,
}

/// What a piece is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// What this mutant runs.
    Mutant(u32),
    /// Where the reach of these ends.
    End(Vec<u32>),
}

/// `mutants` are those of this file that may be switched, by number; functions named in `constant` stay `const`: `Type::name` or `name`.
pub fn switch(
    source: &str,
    mutants: &[(u32, &Mutant)],
    constant: &BTreeSet<String>,
) -> Result<Switched, String> {
    let file = syn::parse_file(source).map_err(|error| error.to_string())?;
    let mut wanted: HashMap<(Genre, Place), Vec<(u32, &str)>> = HashMap::new();
    for (number, mutant) in mutants {
        let key = (mutant.genre, mutant.span.start);
        wanted.entry(key).or_default().push((*number, &mutant.replacement));
    }
    let insertions = Insertions::default();
    let mut switcher = Switcher {
        source,
        wanted,
        constant,
        insertions,
        in_constant: false,
        unviable: Vec::new(),
        implemented: None,
    };
    switcher.visit_file(&file);
    let constant = switcher.wanted.into_values().flatten().map(|(number, _)| (number, Outcome::Constant));
    let unviable = switcher.unviable.into_iter().map(|number| (number, Outcome::Unviable));
    let unswitched = constant.chain(unviable).collect();
    let (text, pieces) = switcher.insertions.put_into(source);
    Ok(Switched { text, pieces, unswitched })
}

struct Switcher<'a> {
    source: &'a str,
    wanted: HashMap<(Genre, Place), Vec<(u32, &'a str)>>,
    constant: &'a BTreeSet<String>,
    insertions: Insertions<Part>,
    /// Whether what stands here is worked out by the compiler, which knows of no switch.
    in_constant: bool,
    unviable: Vec<u32>,
    /// The type whose functions these are.
    implemented: Option<String>,
}

impl<'a> Switcher<'a> {
    /// The mutants of a kind that begin here.
    fn take(&mut self, genre: Genre, at: LineColumn) -> Vec<(u32, &'a str)> {
        let place = Place { line: at.line, column: at.column + 1 };
        if self.in_constant { Vec::new() } else { self.wanted.remove(&(genre, place)).unwrap_or_default() }
    }

    fn text(&self, of: &impl Spanned) -> &'a str {
        self.source.get(of.span().byte_range()).unwrap_or_default()
    }

    /// Puts `if … { what a mutant runs } else if … else { … }` around an expression.
    fn around(&mut self, span: Span, mutants: &[(u32, String)]) {
        if mutants.is_empty() {
            return;
        }
        let range = span.byte_range();
        for (place, (number, runs)) in mutants.iter().enumerate() {
            let opens = if place == 0 { "(" } else { " else " };
            let text = format!("{opens}if {} {{ {runs} }}", asks(*number));
            self.insertions.before(range.start, text, Some(Part::Mutant(*number)));
        }
        self.insertions.before(range.start, " else { ", None);
        self.insertions.after(range.end, " })", Some(Part::End(numbers(mutants))));
    }

    fn function(&mut self, signature: &Signature, body: &Block) {
        let stays_constant = self.stays_constant(signature);
        let before = std::mem::replace(&mut self.in_constant, stays_constant);
        if let Some(constness) = signature.constness.filter(|_| !self.in_constant) {
            let range = constness.span().byte_range();
            self.insertions.before(range.start, "/*", None);
            self.insertions.after(range.end, "*/", None);
        }
        let first = body.stmts.first().map(|statement| statement.span().start());
        let mutants = first.map(|first| self.take(Genre::FnValue, first)).unwrap_or_default();
        let is_opaque =
            matches!(&signature.output, ReturnType::Type(_, given) if matches!(**given, Type::ImplTrait(_)));
        let (opens, closes) = (body.brace_token.span.open(), body.brace_token.span.close());
        let (start, end) = (opens.byte_range().end, closes.byte_range().start);
        for (place, (number, value)) in mutants.iter().enumerate() {
            let given = if is_opaque {
                let either = "crate::mutant::Either";
                let (wraps, ends) = (format!("{either}::Own(").repeat(place), ")".repeat(place));
                format!("{wraps}{either}::Mutant({value}){ends}")
            } else {
                (*value).to_owned()
            };
            let text = format!(" if {} {{ return {given}; }}", asks(*number));
            self.insertions.before(start, text, Some(Part::Mutant(*number)));
        }
        if is_opaque && !mutants.is_empty() {
            self.insertions.before(start, "crate::mutant::Either::Own(".repeat(mutants.len()) + "{", None);
        }
        if !mutants.is_empty() {
            let text = if is_opaque { format!("}}{}", ")".repeat(mutants.len())) } else { String::new() };
            let of = mutants.iter().map(|(number, _)| *number).collect();
            self.insertions.after(end, text, Some(Part::End(of)));
        }
        visit::visit_block(self, body);
        self.in_constant = before;
    }

    fn stays_constant(&self, signature: &Signature) -> bool {
        let name = match &self.implemented {
            Some(of) => format!("{of}::{}", signature.ident),
            None => signature.ident.to_string(),
        };
        signature.constness.is_some() && self.constant.contains(&name)
    }

    /// Visits what the compiler works out.
    fn constantly(&mut self, visit: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.in_constant, true);
        visit(self);
        self.in_constant = before;
    }
}

impl<'ast> Visit<'ast> for Switcher<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.function(&function.sig, &function.block);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.function(&function.sig, &function.block);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.function(&function.sig, body);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let name = match &*item.self_ty {
            Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
            _ => None,
        };
        let before = std::mem::replace(&mut self.implemented, name);
        visit::visit_item_impl(self, item);
        self.implemented = before;
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        let mutants = self.take(Genre::BinaryOperator, binary.op.span().start());
        let (left, right) = (self.text(&binary.left), self.text(&binary.right));
        // A chain with `let` knows no operator but its own.
        if has_let(&binary.left) || has_let(&binary.right) {
            self.unviable.extend(mutants.iter().map(|(number, _)| number));
            return visit::visit_expr_binary(self, binary);
        }
        let runs =
            mutants.into_iter().map(|(number, operator)| (number, format!("({left}) {operator} ({right})")));
        let runs: Vec<_> = runs.collect();
        self.around(binary.span(), &runs);
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'ast syn::ExprUnary) {
        let mutants = self.take(Genre::UnaryOperator, unary.op.span().start());
        let operand = self.text(&unary.expr);
        let runs: Vec<_> = mutants.into_iter().map(|(number, _)| (number, operand.to_owned())).collect();
        self.around(unary.span(), &runs);
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_match(&mut self, matched: &'ast syn::ExprMatch) {
        for (place, arm) in matched.arms.iter().enumerate() {
            let mut others = (0..).zip(&matched.arms).filter(|(other, _)| *other != place);
            if arm.guard.is_none() && !others.any(|(_, arm)| takes_all(arm)) {
                let deleted = self.take(Genre::MatchArm, arm.span().start());
                self.unviable.extend(deleted.iter().map(|(number, _)| number));
            }
        }
        visit::visit_expr_match(self, matched);
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        let deleted = self.take(Genre::MatchArm, arm.span().start());
        let deleted: Vec<String> = deleted.iter().map(|(number, _)| format!("!{}", asks(*number))).collect();
        match &arm.guard {
            None if deleted.is_empty() => (),
            None => {
                let end = arm.pat.span().byte_range().end;
                self.insertions.after(end, format!(" if {}", deleted.join(" && ")), None);
            }
            Some((_, guard)) => {
                let range = guard.span().byte_range();
                let replaced = self.take(Genre::MatchArmGuard, guard.span().start());
                let terms = replaced.iter().map(|(number, value)| match *value {
                    "true" => format!("{} || ", asks(*number)),
                    _ => format!("!{} && ", asks(*number)),
                });
                let deleted = deleted.iter().map(|term| format!("{term} && "));
                let terms: Vec<String> = deleted.chain(terms).collect();
                for term in &terms {
                    self.insertions.before(range.start, format!("({term}"), None);
                }
                self.insertions.after(range.end, ")".repeat(terms.len()), None);
            }
        }
        visit::visit_arm(self, arm);
    }

    fn visit_expr_struct(&mut self, made: &'ast syn::ExprStruct) {
        for field in &made.fields {
            let mutants = self.take(Genre::StructField, field.span().start());
            let Some(rest) = &made.rest else { continue };
            if field.colon_token.is_none() && !mutants.is_empty() {
                self.insertions.before(
                    field.expr.span().byte_range().start,
                    format!("{}: ", self.text(&field.member)),
                    None,
                );
            }
            let value = format!("({}).{}", self.text(rest), self.text(&field.member));
            let runs: Vec<_> = mutants.into_iter().map(|(number, _)| (number, value.clone())).collect();
            self.around(field.expr.span(), &runs);
        }
        visit::visit_expr_struct(self, made);
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.constantly(|this| visit::visit_item_const(this, item));
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.constantly(|this| visit::visit_item_static(this, item));
    }

    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        self.constantly(|this| visit::visit_impl_item_const(this, item));
    }

    fn visit_trait_item_const(&mut self, item: &'ast syn::TraitItemConst) {
        self.constantly(|this| visit::visit_trait_item_const(this, item));
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.constantly(|this| visit::visit_variant(this, variant));
    }

    fn visit_type(&mut self, of: &'ast Type) {
        self.constantly(|this| visit::visit_type(this, of));
    }

    fn visit_pat(&mut self, pattern: &'ast syn::Pat) {
        self.constantly(|this| visit::visit_pat(this, pattern));
    }

    fn visit_expr_repeat(&mut self, repeat: &'ast syn::ExprRepeat) {
        self.visit_expr(&repeat.expr);
        self.constantly(|this| this.visit_expr(&repeat.len));
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        let before = std::mem::replace(&mut self.in_constant, false);
        visit::visit_expr_closure(self, closure);
        self.in_constant = before;
    }
}

fn asks(number: u32) -> String {
    format!("crate::mutant::is({number})")
}

fn numbers(mutants: &[(u32, String)]) -> Vec<u32> {
    mutants.iter().map(|(number, _)| *number).collect()
}

/// Whether nothing gets past an arm.
fn takes_all(arm: &Arm) -> bool {
    let is_name = |pattern: &syn::PatIdent| {
        pattern.subpat.is_none() && !pattern.ident.to_string().starts_with(char::is_uppercase)
    };
    let takes_all = match &arm.pat {
        syn::Pat::Wild(_) => true,
        syn::Pat::Ident(pattern) => is_name(pattern),
        _ => false,
    };
    takes_all && arm.guard.is_none()
}

/// Whether a chain of conditions binds something.
fn has_let(condition: &Expr) -> bool {
    match condition {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutant;

    fn mutant(genre: Genre, line: usize, column: usize, replacement: &str) -> Mutant {
        let start = Place { line, column };
        let span = mutant::Span { start, end: start };
        let (name, file) = (String::new(), String::new());
        Mutant { name, file, genre, span, replacement: replacement.to_owned() }
    }

    fn switched(source: &str, mutants: &[Mutant], constant: &[&str]) -> Switched {
        let mutants: Vec<_> = (1..).zip(mutants).collect();
        switch(source, &mutants, &constant.iter().map(|name| (*name).to_owned()).collect()).unwrap()
    }

    #[test]
    fn what_mutants_run_stands_beside_what_was_written() {
        let mutants = [
            mutant(Genre::FnValue, 2, 5, "true"),
            mutant(Genre::BinaryOperator, 2, 7, "<="),
            mutant(Genre::BinaryOperator, 2, 7, "=="),
            mutant(Genre::UnaryOperator, 2, 9, ""),
        ];
        let switched = switched("fn f(a: i8) -> bool {\n    a < -a\n}\n", &mutants, &[]);
        let expected = "fn f(a: i8) -> bool { if crate::mutant::is(1) { return true; }\n    \
            (if crate::mutant::is(2) { (a) <= (-a) } else if crate::mutant::is(3) { (a) == (-a) } else { \
            a < (if crate::mutant::is(4) { a } else { -a }) })\n}\n";
        assert_eq!((switched.text.as_str(), switched.unswitched), (expected, vec![]));
    }

    #[test]
    fn arms_are_deleted_by_their_guards() {
        let source = "fn f(a: i8) {\n    match a {\n        1 => (),\n        2 if a > 0 => (),\n        _ => (),\n    }\n}\n";
        let mutants = [
            mutant(Genre::MatchArm, 3, 9, ""),
            mutant(Genre::MatchArm, 4, 9, ""),
            mutant(Genre::MatchArmGuard, 4, 14, "true"),
            mutant(Genre::MatchArmGuard, 4, 14, "false"),
            mutant(Genre::MatchArm, 5, 9, ""),
        ];
        let switched = switched(source, &mutants, &[]);
        assert!(switched.text.contains("1 if !crate::mutant::is(1) => ()"), "{}", switched.text);
        let guard = "2 if (!crate::mutant::is(2) && (crate::mutant::is(3) || (!crate::mutant::is(4) && a > 0))) => ()";
        assert!(switched.text.contains(guard), "{}", switched.text);
        assert_eq!(switched.unswitched, [(5, Outcome::Unviable)]);
    }

    #[test]
    fn what_constants_need_is_not_switched() {
        let source = "impl T {\n    const fn f() -> u8 {\n        1 + 2\n    }\n}\n";
        let mutants = [mutant(Genre::BinaryOperator, 3, 11, "-")];
        let free = switched(source, &mutants, &[]);
        assert!(free.text.contains("/*const*/ fn f") && free.unswitched.is_empty(), "{}", free.text);
        let needed = switched(source, &mutants, &["T::f"]);
        assert_eq!((needed.text.as_str(), needed.unswitched), (source, vec![(1, Outcome::Constant)]));
    }
}
