; id: throw-literal
; dimension: error-handling
; severity: warning
; flags: `throw` of a literal: a string, a text put together, a number, an object
; message: throw an Error: a literal carries no stack trace
; reference: ESLint no-throw-literal <https://eslint.org/docs/latest/rules/no-throw-literal>
; why: What is thrown should say where it was thrown. A literal has no stack and no cause, and a handler that reads `error.message` gets `undefined`.
; fix: new Error({text})
; fix-title: Wrap it in an Error
; fix-applicability: suggested
; bad: function f() { if (b) throw ⟦"no " + b⟧; if (c) throw ⟦"no " + c + "."⟧; if (a) throw ⟦"no"⟧; throw ⟦{ code: 1 }⟧; }
; good: function f() { throw new Error("no" + a); throw a + b; }
(throw_statement [(string) (template_string)] @finding @text)
(throw_statement [(number) (true) (false) (null) (undefined) (object) (array)] @finding)
(throw_statement (binary_expression left: [(string) (template_string)] operator: "+") @finding @text)
(throw_statement (binary_expression operator: "+" right: [(string) (template_string)]) @finding @text)
(throw_statement
  (binary_expression
    left: (binary_expression left: [(string) (template_string)] operator: "+")
    operator: "+") @finding @text)
