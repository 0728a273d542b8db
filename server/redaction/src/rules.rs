//! The rules: secrets by their form, then by the names they are given.

use crate::rule::{Reach, Rule};
use crate::shape::{is_password, is_random, is_stand_in, is_varied};

/// What may stand between a name and the value it is given, in any of the usual notations:
/// `name = "v"`, `name: &str = "v"`, `"name": "v"`, `name => 'v'`, `NAME=v`, `<name>v</name>`, `set("name", "v")`.
macro_rules! given {
    ($value:literal) => {
        concat!(
            r#"[\w.\-]{0,40}["'`\]]{0,2}[ \t]{0,8}(?::[ \t]{0,4}&?(?:'static )?[A-Za-z][\w<>:]{0,24}[ \t]{0,4}=|:=|=>|==|!=|=|:|,|>|\|\|)[ \t]{0,8}(?:[A-Za-z_][\w:.]{0,30}\()?(?:[br@]{0,2}["'`])?(?P<s>"#,
            $value,
            ")"
        )
    };
}

/// No letter of a longer word before it.
macro_rules! word {
    ($pattern:literal) => {
        concat!(r"(?:^|[^0-9A-Za-z])(?P<s>", $pattern, ")")
    };
}

/// All of them. What an earlier rule found, a later one leaves.
pub(crate) static RULES: [Rule; 32] = [
    Rule::exact(
        "private-key",
        &["private key"],
        r"-----BEGIN[A-Za-z0-9 _\-]{0,100}PRIVATE KEY(?: BLOCK)?-----(?P<s>[\s\S]{1,16000}?)(?:-----END |KEY(?: BLOCK)?-----)",
    )
    .reaching(Reach::Around(64, 16_384)),
    Rule::exact("jwt", &["eyj"], word!(r"eyJ[A-Za-z0-9_\-]{10,}\.ey[A-Za-z0-9_\-/\\]{4,}\.?[A-Za-z0-9_\-/\\]{0,}"))
        .reaching(Reach::Around(8, 8192)),
    Rule::exact(
        "url-password",
        &["://"],
        r#"[a-zA-Z][a-zA-Z0-9+.\-]{0,30}://[^\s:/@'"`<>{}]{0,100}:(?P<s>[^\s/@'"`<>]{2,200})@[A-Za-z0-9\[{$]"#,
    )
    .reaching(Reach::Around(40, 420))
    .accepting(|text| !is_stand_in(text) && !text.starts_with(['{', ':'])),
    Rule::exact("aws-access-key-id", &["akia", "asia", "abia", "acca", "a3t"], word!(r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}")),
    Rule::exact("github-token", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], word!(r"gh[pousr]_[A-Za-z0-9]{36,255}")),
    Rule::exact("github-fine-grained-token", &["github_pat_"], word!(r"github_pat_[A-Za-z0-9_]{22,255}")),
    Rule::exact(
        "gitlab-token",
        &["glpat-", "gldt-", "glrt-", "glsoat-", "glimt-", "glptt-", "gloas-", "glcbt-", "glft-", "glffct-", "glagent-", "gr1348941", "_gitlab_session="],
        word!(r"(?:gl(?:pat|dt|rt|soat|imt|ptt|oas|cbt|ft|ffct|agent)-[0-9A-Za-z_\-.]{20,255}|GR1348941[\w\-]{20}|_gitlab_session=[0-9a-z]{32})"),
    ),
    Rule::exact("openai-style-key", &["sk-", "sess-"], word!(r"(?:sk-(?:proj-|svcacct-|admin-|ant-|or-|lf-)?|sess-)[A-Za-z0-9_\-]{20,200}"))
        .accepting(is_varied),
    Rule::exact("stripe-key", &["_live_", "_test_", "_prod_"], word!(r"(?:sk|rk|pk)_(?:live|test|prod)_[A-Za-z0-9]{10,99}")),
    Rule::exact("webhook-secret", &["whsec_"], word!(r"whsec_[A-Za-z0-9+/=]{24,100}")),
    Rule::exact("slack-token", &["xox", "xapp-"], word!(r"(?:xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9\-]{10,250}|xapp-\d-[A-Za-z0-9\-]{10,250})")),
    Rule::exact(
        "webhook-url",
        &["hooks.slack.com", "/api/webhooks/", "webhook.office.com"],
        r"https://(?:hooks\.slack\.com/(?:services|workflows|triggers)/|(?:\w+\.)?discord(?:app)?\.com/api/webhooks/|[a-z0-9]+\.webhook\.office\.com/webhookb2/)(?P<s>[A-Za-z0-9+/@_\-]{20,200})",
    ),
    Rule::exact("google-key", &["aiza", "gocspx-", "ya29.", "1//0"], word!(r"(?:AIza[\w\-]{35}|GOCSPX-[\w\-]{28}|ya29\.[\w\-]{20,300}|1//0[\w\-]{30,200})")),
    Rule::exact(
        "registry-token",
        &["npm_", "pypi-age", "cio", "rubygems_", "dckr_pat_", "dckr_oat_", "oy2", "cmvmd", "akc"],
        word!(r"(?:npm_[A-Za-z0-9]{36}|pypi-AgE[\w\-]{50,1000}|cio[A-Za-z0-9]{32}|rubygems_[a-f0-9]{48}|dckr_[po]at_[\w\-]{27,32}|oy2[a-z0-9]{43}|cmVmd[A-Za-z0-9]{59}|AKC[a-zA-Z0-9]{10,73})"),
    ),
    Rule::exact(
        "model-key",
        &["hf_", "api_org_", "gsk_", "xai-", "r8_", "pplx-", "tgp_v1_", "nvapi-", "fw_", "csk-"],
        word!(r"(?:hf_[A-Za-z]{30,40}|api_org_[A-Za-z]{34}|gsk_[A-Za-z0-9]{48,60}|xai-[A-Za-z0-9]{60,120}|r8_[A-Za-z0-9]{37}|pplx-[A-Za-z0-9]{40,60}|tgp_v1_[\w\-]{43}|nvapi-[\w\-]{60,80}|fw_[A-Za-z0-9]{22,30}|csk-[a-z0-9]{40,60})"),
    ),
    Rule::exact("sendgrid-key", &["sg."], word!(r"SG\.[A-Za-z0-9_\-=.]{66}")),
    Rule::exact("mailgun-key", &["key-", "pubkey-"], word!(r"(?:pub)?key-[a-f0-9]{32}")),
    Rule::exact("mailchimp-key", &["-us"], word!(r"[a-f0-9]{32}-us\d{1,2}")),
    Rule::exact("twilio-key", &["sk", "ac"], word!(r"(?:SK|AC)[0-9a-fA-F]{32}\b")).reaching(Reach::Around(2, 40)),
    Rule::exact(
        "cloud-token",
        &["dop_v1_", "doo_v1_", "dor_v1_", "hrku-", "pscale_", "sbp_", "fo1_", "fm1", "fm2_", "ltai", "akid", "dapi", "dp.", "hvs.", "hvb.", "hvr.", "s.", "atlasv1", "v1.0-", "t1.9", "aje", "ycaj", "pul-", "absk", "bedrock-api-key-", "4b1d", "fm1a_", "fm1r_", "scw"],
        word!(r"(?:do[opr]_v1_[a-f0-9]{64}|HRKU-[\w\-]{36,60}|pscale_(?:tkn|pw|oauth)_[\w=.\-]{32,64}|sbp_[a-f0-9]{40}|fo1_[\w\-]{43}|fm[12][ar]?_[A-Za-z0-9+/]{100,}={0,3}|LTAI[A-Za-z0-9]{17,26}|AKID[A-Za-z0-9]{28,36}|dapi[a-f0-9]{32}(?:-\d)?|dp\.(?:pt|st|ct|sa|scim|audit)\.[\w\-.]{40,60}|hv[sbr]\.[\w\-]{20,300}|s\.[A-Za-z0-9]{24}\b|[A-Za-z0-9]{14}\.atlasv1\.[\w\-=]{60,70}|v1\.0-[a-f0-9]{24}-[a-f0-9]{146}|t1\.[A-Za-z0-9_\-]{30,}=?=?\.[A-Za-z0-9_\-]{80,90}=?=?|YCAJ[\w\-]{35}|ABSK[A-Za-z0-9+/]{100,}={0,2}|bedrock-api-key-[A-Za-z0-9+/=]{20,}|4b1d[A-Za-z0-9]{38}|pul-[a-f0-9]{40}|SCW[A-Z0-9]{17})"),
    ),
    Rule::exact(
        "service-token",
        &["lin_api_", "ntn_", "secret_", "atatt3", "shpat_", "shpca_", "shppa_", "shpss_", "sq0", "eaaa", "eaac", "glc_", "glsa_", "eyjrijoi", "sntry", "nrak-", "nrjs-", "nrii-", "nral", "pmak-", "age-secret-key-", "figd_", "patat", "pat.", "sk_", "ico-", "flwseck", "flwpubk", "ey2", "rzp_", "tfp_", "ops_ey", "a3-", "clojars_", "duffel_", "dt0c01.", ".acc-", ".acc_", "ezak", "ezat", "frw_", "fio-u-", "ccipat_", "ccipat-", "pnu_", "rdme_", "shippo_", "sgp_", "tkn_", "xkeysib-", "sl.", "ionic", "ion_", "lin_", "p8e-", "perm:", "phc_", "phx_", "sqa_", "sqp_", "squ_", "sonar", "api-", "bkua_", "prefect", "cf-", "ctl_", "nfp_", "_mmk", "tk-us-", "s-s4t2", "sm_aat_", "sm_pat_", "sm_sat_", "dnkey-", "sat.", "cfut_", "kwsa_"],
        word!(r"(?:lin_(?:api|oauth)_[A-Za-z0-9]{32,48}|ntn_[A-Za-z0-9]{40,50}|secret_[A-Za-z0-9]{43}|ATATT3[\w\-=]{100,250}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|sq0[a-z]{3}-[\w\-]{22,60}|EAAA[\w\-+=]{22,60}|EAAC[A-Za-z0-9]{20,200}|EAA[MC][A-Za-z0-9]{100,}|glc_[A-Za-z0-9+/=]{32,400}|glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}|sntry[su]_[A-Za-z0-9+/=_\-]{40,300}|NRAK-[A-Z0-9]{27}|NRJS-[a-f0-9]{19}|NRII-[A-Za-z0-9\-]{32}|PMAK-[a-fA-F0-9]{24}-[a-fA-F0-9]{34}|AGE-SECRET-KEY-1[0-9A-Z]{58}|figd_[\w\-]{40,50}|FLW(?:SECK|PUBK)_TEST-[a-hA-H0-9X\-]{12,60}|rzp_(?:live|test)_[A-Za-z0-9]{14,24}|ops_eyJ[A-Za-z0-9+/]{250,}={0,3}|A3-[A-Z0-9]{6}-[A-Z0-9]{5,11}-[A-Z0-9]{5,6}(?:-[A-Z0-9]{5}){2,3}|CLOJARS_[A-Za-z0-9]{60}|duffel_(?:test|live)_[\w\-=]{43}|dt0c01\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}|EZ[AT]K[A-Za-z0-9]{54}|(?:sc|ext|scauth|authress)_[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_\-][a-z0-9\-]{10,32}\.[a-z0-9+/_=\-]{30,120}|fio-u-[\w\-=]{64}|CCIPAT_[\w\-]{40,80}|pnu_[A-Za-z0-9]{36}|rdme_[a-z0-9]{70}|shippo_(?:live|test)_[a-fA-F0-9]{40}|sgp_(?:[a-fA-F0-9]{16}_|local_)?[a-fA-F0-9]{40}|xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}|sl\.[\w\-=]{100,200}|ion_[A-Za-z0-9]{42}|p8e-[A-Za-z0-9]{32}|perm:[\w=]{10,40}\.[\w=]{4,40}\.[\w\-=]{20,60}|ph[cx]_[A-Za-z0-9]{30,60}|sq[apu]_[a-z0-9]{40}|API-[A-Z0-9]{26}|bkua_[a-z0-9]{40}|nfp_[A-Za-z0-9]{36,46}|eyJrIjoi[A-Za-z0-9]{70,400}={0,3}|ico-[A-Za-z0-9]{32}|s-s4t2(?:ud|af)-[a-f0-9]{64}|[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk|tk-us-[\w\-]{48}|sm_(?:aat|pat|sat)_[A-Za-z0-9]{16}|dnkey-[\w\-=]{26}-[\w\-=]{52}|(?:pat|sat)\.[A-Za-z0-9_\-]{10,}\.[\w\-.]{20,100})"),
    ),
    Rule::exact("airtable-token", &["pat"], word!(r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}")).reaching(Reach::Around(4, 90)),
    Rule::exact("telegram-token", &[":a"], word!(r"[0-9]{5,16}:A[\w\-]{34}")).reaching(Reach::Around(20, 40)),
    Rule::exact("azure-client-secret", &["q~"], word!(r"[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.\-]{31,34}")).reaching(Reach::Around(8, 48)),
    Rule::exact("azure-account-key", &["accountkey=", "sharedaccesskey=", "sig="], r"(?i)(?:AccountKey|SharedAccessKey|[?&;]sig)=(?P<s>[A-Za-z0-9+/%]{32,120}={0,2})"),
    Rule::exact("discord-token", &["discord", "token", "bot "], word!(r"[MNO][A-Za-z0-9_\-]{23,27}\.[A-Za-z0-9_\-]{6}\.[A-Za-z0-9_\-]{27,40}")).reaching(Reach::Line(0)),
    Rule::exact(
        "authorization-header",
        &["authorization"],
        r#"(?i)authorization["'`\]]{0,2}[ \t]{0,4}(?::|=>|=|,)[ \t]{0,4}[a-z_.(]{0,20}["'`]?(?:(?:bearer|basic|token|apikey|key)[ \t]{1,4})(?P<s>[A-Za-z0-9._~+/=\-]{8,2000})"#,
    )
    .reaching(Reach::Line(2100))
    .accepting(|text| !is_stand_in(text)),
    Rule::exact("bearer-token", &["bearer "], r"(?i)\bbearer[ \t]{1,4}(?P<s>[A-Za-z0-9._~+/=\-]{16,2000})")
        .reaching(Reach::Line(2100))
        .accepting(is_random),
    Rule::exact("command-line-password", &["curl", "-u "], r#"(?:^|\s)(?:-u|--user)[ =]{1,2}["']?[^\s:"']{1,60}:(?P<s>[^\s"'$]{4,100})"#)
        .reaching(Reach::Line(0))
        .accepting(|text| !is_stand_in(text)),
    Rule::exact(
        "named-password",
        &["password", "passwd", "passphrase", "pwd", "passw", "pass_", "_pass", "kennwort"],
        concat!(r"(?i)(?:password|passwd|passphrase|passw|pwd|pass_?|kennwort)", given!(r#"[^\s"'`;,(){}\[\]<>\\]{4,200}"#)),
    )
    .reaching(Reach::Line(4))
    .accepting(is_password),
    Rule::exact(
        "named-secret",
        &["secret", "token", "api_key", "api-key", "apikey", "api key", "access_key", "access-key", "accesskey", "private_key", "private-key", "privatekey", "credential", "auth", "encryption_key", "signing_key", "signingkey", "master_key", "app_key", "appkey", "key_id", "account_key", "client_id", "clientid", "consumer", "session", "creds", "app_id", "_key", "key_", "apitoken", "webhook", "license", "_pat", "salt", "nonce"],
        concat!(r"(?i)(?:secret|token|api[_\- ]?key|access[_\-]?key|private[_\-]?key|credentials?|auth|encryption[_\-]?key|sign(?:ing)?[_\-]?key|master[_\-]?key|app[_\-]?(?:key|id)|key[_\-]?id|account[_\-]?key|client[_\-]?id|consumer[_\-]?key|session[_\-]?(?:id|key)|creds|_key|key_|webhook|license|_pat|salt|nonce)", given!(r"[A-Za-z0-9_\-+/=.:~!@#%^&*]{10,300}")),
    )
    .reaching(Reach::Line(4))
    .accepting(is_random),
    Rule::exact(
        "service-credential",
        SERVICES,
        // Whatever stands between, in whatever notation.
        r#"(?i)[A-Za-z]{3,}[\w.\- \t]{0,60}["'`\]\s]{0,4}(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)[`'"\s=>]{0,6}(?P<s>[A-Za-z0-9_\-+/=.~%|]{14,300})"#,
    )
    .reaching(Reach::Line(0))
    .accepting(is_random),
];

/// Services whose keys have no form of their own: a random text that is given to a name with one of these in it.
const SERVICES: &[&str] = &[
    "private-ai",
    "private_ai",
    "message_bird",
    "message-bird",
    "xray",
    "linked_in",
    "new-york",
    "new_york",
    "bintray",
    "linked-in",
    "npm",
    "intra42",
    "radar",
    "wakatime",
    "password",
    "secret",
    "token",
    "api_key",
    "adafruit",
    "adobe",
    "airtable",
    "algolia",
    "alibaba",
    "asana",
    "atlassian",
    "confluence",
    "jira",
    "beamer",
    "bitbucket",
    "bittrex",
    "codecov",
    "cohere",
    "coinbase",
    "confluent",
    "contentful",
    "datadog",
    "databricks",
    "discord",
    "doppler",
    "droneci",
    "dropbox",
    "dynatrace",
    "etsy",
    "facebook",
    "fastly",
    "finicity",
    "finnhub",
    "flickr",
    "freshbooks",
    "freemius",
    "gitter",
    "gocardless",
    "heroku",
    "hubspot",
    "intercom",
    "jfrog",
    "artifactory",
    "kraken",
    "kucoin",
    "launchdarkly",
    "linear",
    "linkedin",
    "lob",
    "looker",
    "mailchimp",
    "mailgun",
    "mapbox",
    "mattermost",
    "maxmind",
    "messagebird",
    "messagebird",
    "netlify",
    "new-relic",
    "newrelic",
    "new_relic",
    "nytimes",
    "newyorktimes",
    "okta",
    "plaid",
    "privateai",
    "rapidapi",
    "sendbird",
    "sendinblue",
    "sentry",
    "shippo",
    "sidekiq",
    "snyk",
    "sourcegraph",
    "squarespace",
    "sumo",
    "telegr",
    "travis",
    "trello",
    "twitch",
    "twitter",
    "typeform",
    "yandex",
    "zendesk",
    "cloudflare",
    "azure",
    "aws",
    "gcp",
    "stripe",
    "twilio",
    "bundle_",
    "deepgram",
    "elevenlabs",
    "openweather",
    "pagerduty",
    "perplexity",
    "postman",
    "readme",
    "scalingo",
    "segment",
    "vercel",
    "supabase",
    "defined",
    "nexmo",
    "octopus",
    "snowflake",
    "sonar",
    "square",
    "notion",
    "harness",
    "infracost",
    "microsoft",
    "hashicorp",
    "vault",
    "clickhouse",
    "clickup",
    "meraki",
];
