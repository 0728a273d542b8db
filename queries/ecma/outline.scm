; Items that JavaScript, TypeScript and TSX share.
(function_declaration name: (_) @name body: (_) @body) @item.function
(generator_function_declaration name: (_) @name body: (_) @body) @item.function
(variable_declarator name: (identifier) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)]) @item.function
(variable_declarator name: (identifier) @name value: (class body: (_) @body)) @item.class
(program [(lexical_declaration (variable_declarator name: (identifier) @name) @item.variable)
          (variable_declaration (variable_declarator name: (identifier) @name) @item.variable)])
(program (export_statement [(lexical_declaration (variable_declarator name: (identifier) @name) @item.variable)
                            (variable_declaration (variable_declarator name: (identifier) @name) @item.variable)]))
(class_declaration name: (_) @name body: (_) @body) @item.class
(method_definition name: (_) @name body: (_) @body) @item.method
(comment) @comment
(decorator) @attribute
