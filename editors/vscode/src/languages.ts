// What the server looks at.

export const LANGUAGES = ['rust', 'typescript', 'typescriptreact', 'javascript', 'javascriptreact'];

// What configures it, and the templates: it says what is wrong in them while they are written.
const CONFIGURATION = [
  '**/autodao.toml',
  '**/autodao/config.toml',
  '**/autodao/rules/*.scm',
  '**/autodao/templates/*/{SKILL.md,template.toml,prompt.mj}',
  '**/autodao/templates/*/tests/*.toml',
  '**/autodao/templates/templates.lock',
];

/** With schemes: else the editor's own documents, of previews and comparisons, are sent to the server, too. */
export const SELECTOR = [
  ...['file', 'untitled'].flatMap((scheme) => LANGUAGES.map((language) => ({ scheme, language }))),
  ...CONFIGURATION.map((pattern) => ({ scheme: 'file', pattern })),
];
