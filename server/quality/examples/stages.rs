use autodao_quality::*;
use autodao_syntax::*;
use std::ops::ControlFlow;
use std::time::Instant;
fn main() {
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).unwrap();
        let language = Language::from_path(path.as_ref()).unwrap();
        let mut doc = Document::new(Some(language), 0, text.clone());
        let profile = Profile::shared_default();
        profile.compile_queries(language);
        let mut parser = SyntaxParser::default();
        let t = Instant::now();
        let mut tree = parser.parse_fresh(language, &text).unwrap();
        let mut full = t.elapsed();
        for _ in 0..5 {
            let t = Instant::now();
            parser.parse_fresh(language, &text).unwrap();
            full = full.min(t.elapsed());
        }
        let mut upd = std::time::Duration::MAX;
        let mut a = Analysis::new(profile.clone(), Some(language), FileRole::Library);
        for _ in 0..6 {
            a = Analysis::new(profile.clone(), Some(language), FileRole::Library);
            let t = Instant::now();
            a.update(&text, &tree, Instant::now());
            upd = upd.min(t.elapsed());
        }
        println!(
            "{path}: full {full:?} first update {upd:?} ratio {:.2}",
            upd.as_secs_f64() / full.as_secs_f64()
        );
        let mut s: Vec<[f64; 6]> = vec![];
        let mut seed = 12345u64;
        let mut rnd = |n: usize| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) as usize % n
        };
        for i in 0..200 {
            let line = rnd(doc.buffer().lines().count() as usize) as u32;
            let span = doc.buffer().line(line).unwrap();
            let col = rnd(span.len() as usize + 1) as u32;
            for (k, (to, new)) in [(col, ["a", "e", "x", "_", " ", "1", ".", ";"][i % 8]), (col + 1, "")]
                .into_iter()
                .enumerate()
            {
                let p = |c| Position { line, column: c };
                let t0 = Instant::now();
                let ap = doc
                    .apply(
                        (2 * i + k + 1) as i32,
                        &[Change { range: Some((p(col), p(to))), text: new }],
                        PositionEncoding::Utf8,
                    )
                    .unwrap();
                let t1 = Instant::now();
                for c in ap {
                    if let AppliedChange::Edit(e) = c {
                        tree.edit(&e);
                        a.edit(&e);
                    }
                }
                let t2 = Instant::now();
                let b = doc.buffer().clone();
                tree =
                    parser.parse(language, b.text(), Some(&tree), &mut || ControlFlow::Continue(())).unwrap();
                let t3 = Instant::now();
                a.update(b.text(), &tree, Instant::now());
                let t4 = Instant::now();
                let r = a.report(&b);
                let t5 = Instant::now();
                std::hint::black_box(&r);
                s.push(
                    [(t1 - t0), (t2 - t1), (t3 - t2), (t4 - t3), (t5 - t4), (t5 - t0)]
                        .map(|d| d.as_secs_f64() * 1e6),
                );
            }
        }
        for (n, name) in ["apply", "edit", "parse", "update", "report", "total"].iter().enumerate() {
            let mut v: Vec<f64> = s.iter().map(|x| x[n]).collect();
            v.sort_by(f64::total_cmp);
            println!(
                "  {name:8} mean {:8.1} p50 {:8.1} p95 {:8.1} p99 {:8.1} us",
                v.iter().sum::<f64>() / v.len() as f64,
                v[v.len() / 2],
                v[v.len() * 95 / 100],
                v[v.len() * 99 / 100]
            );
        }
    }
}
