//! Scores and deltas of texts.

use super::*;

const LANGUAGES: [Language; 2] = [Language::Rust, Language::TypeScript];

fn side(language: Language, text: &str) -> Side {
    Side::new(&shared_profile(), language, FileRole::Library, text)
}

fn compare(language: Language, before: &str, after: &str) -> Delta {
    delta(&side(language, before), &side(language, after))
}

fn overall(language: Language, text: &str) -> f64 {
    let side = side(language, text);
    let (role, findings) = (FileRole::Library, side.counted());
    let evidence = Evidence::default();
    let input = FileInput { language, role, metrics: side.metrics(), findings: &findings, evidence };
    score_file(&input).overall.unwrap()
}

/// Functions with branches, findings and nesting.
fn any_text(language: Language) -> impl Strategy<Value = String> {
    let statement = prop::sample::select(match language {
        Language::Rust => vec![
            "if a && b || c { if d { e(); } }",
            "for x in y { while z { loop { break; } } }",
            "let v = w.unwrap();",
            "dbg!(v);",
            "g(1, 2);",
            "match h { A => {} _ => if i { j() } }",
        ],
        _ => vec![
            "if (a && b || c) { if (d) { e(); } }",
            "for (const x of y) { while (z) { break; } }",
            "try { f() } catch {}",
            "console.log(v);",
            "g(1, 2);",
            "h(() => { if (i) { j(); } });",
        ],
    });
    let body = prop::collection::vec(statement, 0..12);
    let function = (prop::sample::select(vec!["a", "b", "c", "d"]), body, 0usize..9);
    let keyword = if language == Language::Rust { "fn" } else { "function" };
    prop::collection::vec(function, 0..5).prop_map(move |functions| {
        let mut text = String::new();
        for (name, body, parameters) in functions {
            let kind = if language == Language::Rust { ": T" } else { ": number" };
            let parameters: Vec<_> = (0..parameters).map(|index| format!("p{index}{kind}")).collect();
            text +=
                &format!("{keyword} {name}({}) {{\n  {}\n}}\n\n", parameters.join(", "), body.join("\n  "));
        }
        text
    })
}

fn any_texts(count: usize) -> impl Strategy<Value = (Language, Vec<String>)> {
    prop::sample::select(LANGUAGES.to_vec())
        .prop_flat_map(move |language| (Just(language), prop::collection::vec(any_text(language), count)))
}

fn opposite(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Regresses => Verdict::Improves,
        Verdict::Improves => Verdict::Regresses,
        same => same,
    }
}

fn identities(findings: &[DeltaFinding]) -> Vec<(u16, Severity, Span)> {
    let mut all: Vec<_> = findings.iter().map(|f| (f.rule.index() as u16, f.severity, f.span)).collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_delta_turns_into_its_opposite((language, texts) in any_texts(2)) {
        let (a, b) = (side(language, &texts[0]), side(language, &texts[1]));
        let (there, back) = (delta(&a, &b), delta(&b, &a));
        prop_assert!((there.debt + back.debt).abs() < CLOSE);
        prop_assert_eq!(there.verdict, opposite(back.verdict));
        prop_assert_eq!(identities(&there.introduced), identities(&back.fixed));
        prop_assert_eq!(identities(&there.fixed), identities(&back.introduced));
        prop_assert_eq!(there.pre_existing, back.pre_existing);
        prop_assert_eq!((there.breaks, there.mends), (back.mends, back.breaks));
        prop_assert_eq!(there.functions.len(), back.functions.len());
        let none = delta(&a, &a);
        prop_assert_eq!(none.debt, 0.0);
        prop_assert_eq!(none.verdict, Verdict::Neutral);
        prop_assert!(none.functions.is_empty() && none.introduced.is_empty() && none.fixed.is_empty());
    }

    #[test]
    fn debt_adds_up_along_a_path((language, texts) in any_texts(3)) {
        let [a, b, c] = [0, 1, 2].map(|index| side(language, &texts[index]));
        let whole = delta(&a, &c).debt;
        prop_assert!((delta(&a, &b).debt + delta(&b, &c).debt - whole).abs() < CLOSE);
    }

    #[test]
    fn layout_and_comments_do_not_matter((language, texts) in any_texts(1)) {
        let text = &texts[0];
        prop_assume!(!text.is_empty());
        let other = text.replace("\n  ", "\n\n\t// why\n\t").replace(" {\n", "\n{\n").replace("(1, 2)", "(\n1,\n2)");
        prop_assert!((overall(language, text) - overall(language, &other)).abs() < CLOSE, "{}", other);
        let change = compare(language, text, &other);
        prop_assert_eq!(change.debt, 0.0);
        prop_assert_eq!(change.verdict, Verdict::Neutral);
    }
}

#[test]
fn a_change_is_told_by_what_it_brings_and_takes() {
    let before = "fn a() { b.unwrap(); }\nfn c() { d(); }\n";
    let after = "fn x() {}\nfn a() { b.unwrap(); e.unwrap(); }\nfn renamed() { d(); }\n";
    let change = compare(Language::Rust, before, after);
    assert_eq!((change.introduced.len(), change.fixed.len(), change.pre_existing), (1, 0, 1));
    assert_eq!(&after[change.introduced[0].span.range()], "unwrap()");
    assert_eq!((change.verdict, change.cap), (Verdict::Regresses, None));
    let paths: Vec<_> = change.functions.iter().map(|f| (&*f.path, f.before.is_some())).collect();
    assert_eq!(
        paths,
        [("x", false), ("a", true)],
        "a function that only moved, or has another name, is the same"
    );
    assert_eq!(compare(Language::Rust, after, before).verdict, Verdict::Improves);
    let both = compare(Language::Rust, before, "fn a() { todo!(); }\nfn c() { d(); }\n");
    assert_eq!((both.verdict, both.cap), (Verdict::Mixed, Some(6.0)));
}

#[test]
fn what_must_not_be_kept_caps_the_score() {
    let good = "function f() { return 1; }\n";
    let broken = compare(Language::TypeScript, good, "function f() { return (1; }\n");
    assert_eq!((broken.breaks, broken.verdict, broken.cap), (true, Verdict::Regresses, Some(3.0)));
    let conflict = "<<<<<<< a\nlet a;\n=======\nlet b;\n>>>>>>> b\n";
    assert_eq!(compare(Language::TypeScript, good, conflict).cap, Some(3.0));
}
