; id: explicit-any
; dimension: code-quality
; severity: off
; flags: the type `any`
; message: `any` switches type checking off for everything it touches
; reference: typescript-eslint no-explicit-any <https://typescript-eslint.io/rules/no-explicit-any/>
; why: A value of type `any` is never checked and spreads to whatever it is assigned to; `unknown` accepts the same values and asks for a check before use. Off by default: mature code has 17 of them per 1,000 lines.
; bad: function f(a: ⟦any⟧) {}
; good: function f(a: unknown) { const any = 1; }
((predefined_type) @finding (#eq? @finding "any"))
