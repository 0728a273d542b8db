; id: throw-literal
; dimension: error-handling
; severity: warning
; flags: `throw` of a string or template literal
; message: throw an Error: a literal carries no stack trace
; reference: ESLint no-throw-literal <https://eslint.org/docs/latest/rules/no-throw-literal>
; why: What is thrown should say where it was thrown. A literal has no stack and no cause, and a handler that reads `error.message` gets `undefined`.
; fix: new Error({finding})
; fix-title: Wrap it in an Error
; bad: function f() { throw ⟦"no"⟧; }
; fixed: function f() { throw new Error("no"); }
; good: function f() { throw new Error("no"); }
(throw_statement [(string) (template_string)] @finding)
