//! What is no secret, and what no text does.

use proptest::prelude::*;

use crate::{denied_file, may_hold_secret, secrets};

#[test]
fn code_that_speaks_of_secrets_has_none() {
    for text in [
        "let password = read_password(prompt)?;",
        "fn token(&self) -> Option<&Token> { self.tokens.first() }",
        "const [password, setPassword] = useState('');",
        "<input type=\"password\" name=\"newPassword\" />",
        "let key = std::env::var(\"OPENAI_API_KEY\")?;",
        "const key = process.env.API_KEY ?? \"\";",
        "password: \"${DB_PASSWORD}\"",
        "api_key = \"your_api_key_here_1234567890\"",
        "let url = \"https://example.com:8080/path@version\";",
        "let url = format!(\"postgres://{user}:{password}@{host}/db\");",
        "const secret = await getSecretValue(name);",
        "authorization: headers.get('authorization'),",
        "let session_id = Uuid::new_v4().to_string();",
        "if (token.kind === SyntaxKind.OpenBraceToken) { return parseBlock(token); }",
        "impl From<ParseError> for TokenError { }",
        "use crate::auth::{Session, SessionToken};",
        "passwordField.setAttribute(\"autocomplete\", \"current-password\");",
        "sk-learn and sk-image are libraries",
    ] {
        assert_eq!(secrets(text), [], "{text}");
    }
}

#[test]
fn the_value_is_found_and_no_more() {
    for (text, value) in [
        ("let password = \"hunter2!\";", "hunter2!"),
        ("PASSWORD=hunter2x\nOTHER=1", "hunter2x"),
        ("x(\"redis://:s3cr3t@cache:6379/0\")", "s3cr3t"),
        ("{\"token\":\"q8Zt2LmW4xVb7NcR1yKd9pHs\",\"a\":1}", "q8Zt2LmW4xVb7NcR1yKd9pHs"),
        (
            "let t: &'static str = \"ghp_0123456789abcdefghijABCDEFGHIJ012345\";",
            "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        ),
    ] {
        let found: Vec<_> = secrets(text).into_iter().map(|found| &text[found.span]).collect();
        assert_eq!(found, [value], "{text}");
        assert!(may_hold_secret(text));
    }
}

#[test]
fn files_are_denied_by_name() {
    for path in [
        ".env",
        "/p/.env.local",
        "prod.env",
        "C/.ENV",
        "id_rsa",
        "a/server.pem",
        "x/.npmrc",
        "/h/.ssh/config",
        "/p/.git/config",
        "secrets.yaml",
        "KEY.P12",
        "/p/.aws/credentials",
        ".envrc",
    ] {
        assert!(denied_file(path.as_ref()).is_some(), "{path}");
    }
    for path in
        ["src/main.rs", ".env.example", "env.rs", "environment.ts", "key.rs", "secret.ts", "a.pem.rs", "/"]
    {
        assert_eq!(denied_file(path.as_ref()), None, "{path}");
    }
}

proptest! {
    #[test]
    fn what_is_found_is_apart_in_order_and_whole(text in hostile()) {
        let found = secrets(&text);
        for pair in found.windows(2) {
            prop_assert!(pair[0].span.end <= pair[1].span.start);
        }
        for found in found {
            prop_assert!(!text[found.span].is_empty());
            prop_assert!(may_hold_secret(&text));
        }
    }
}

/// Pieces of secrets in any order, with anything between them.
pub(super) fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("password = \"".to_owned()),
        Just("token: ".to_owned()),
        Just("-----BEGIN PRIVATE KEY-----".to_owned()),
        Just("-----END PRIVATE KEY-----".to_owned()),
        Just("postgres://u:".to_owned()),
        Just("@host".to_owned()),
        Just("__SECRET_1__".to_owned()),
        Just("__HIDDEN_1__".to_owned()),
        Just("secret_2".to_owned()),
        Just("sk-".to_owned()),
        Just("\u{202E}".to_owned()),
        Just("\u{E0041}\u{E0042}".to_owned()),
        Just("\n".to_owned()),
        "[A-Za-z0-9+/_-]{0,60}",
        "[\"'=:; ]{1,3}",
        "\\PC{0,8}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}
