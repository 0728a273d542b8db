(field_definition property: (_) @name) @item.field
