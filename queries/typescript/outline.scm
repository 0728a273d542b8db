; What TypeScript adds.
(abstract_class_declaration name: (_) @name body: (_) @body) @item.class
(interface_declaration name: (_) @name body: (_) @body) @item.interface
(type_alias_declaration name: (_) @name) @item.type
(enum_declaration name: (_) @name body: (_) @body) @item.enum
(internal_module name: (_) @name body: (_)? @body) @item.module
(module name: (_) @name body: (_)? @body) @item.module
(function_signature name: (_) @name) @item.function
(method_signature name: (_) @name) @item.method
(abstract_method_signature name: (_) @name) @item.method
(public_field_definition name: (_) @name) @item.field
(property_signature name: (_) @name) @item.field
