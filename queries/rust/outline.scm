; Items of a Rust file: @item.<kind> is the whole item, @name its name, @body what its signature ends before.
(function_item name: (identifier) @name body: (block) @body) @item.function
(function_signature_item name: (identifier) @name) @item.function
(struct_item name: (type_identifier) @name body: (_)? @body) @item.struct
(union_item name: (type_identifier) @name body: (_)? @body) @item.struct
(enum_item name: (type_identifier) @name body: (_)? @body) @item.enum
(enum_variant name: (identifier) @name) @item.variant
(field_declaration name: (field_identifier) @name) @item.field
(trait_item name: (type_identifier) @name body: (_) @body) @item.interface
(impl_item trait: (_)? @trait type: (_) @name body: (_)? @body) @item.impl
(mod_item name: (identifier) @name body: (_)? @body) @item.module
(type_item name: (type_identifier) @name) @item.type
(associated_type name: (type_identifier) @name) @item.type
(const_item name: (identifier) @name) @item.constant
(static_item name: (identifier) @name) @item.constant
(macro_definition name: (identifier) @name) @item.macro
[(line_comment) (block_comment)] @comment
(attribute_item) @attribute
