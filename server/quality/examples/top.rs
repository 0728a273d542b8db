use autodao_syntax::*;
fn main() {
    let p = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(&p).unwrap();
    let t = SyntaxParser::default().parse_fresh(Language::from_path(p.as_ref()).unwrap(), &text).unwrap();
    let mut c = t.walk();
    println!("{}", t.root_node().kind());
    let mut stack = vec![(t.root_node(), 0)];
    while let Some((n, d)) = stack.pop() {
        if d > 0 && n.descendant_count() > 2000 {
            println!("{}{} {} {}", "  ".repeat(d), n.kind(), n.child_count(), n.descendant_count());
        }
        if d < 9 && n.descendant_count() > 2000 {
            for ch in n.children(&mut c).collect::<Vec<_>>().into_iter().rev() {
                stack.push((ch, d + 1));
            }
        }
    }
}
