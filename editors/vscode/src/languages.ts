// What the server looks at.

export const LANGUAGES = ['rust', 'typescript', 'typescriptreact', 'javascript', 'javascriptreact'];

/** With schemes: else the editor's own documents, of previews and comparisons, are sent to the server, too. */
export const SELECTOR = ['file', 'untitled'].flatMap((scheme) => LANGUAGES.map((language) => ({ scheme, language })));
