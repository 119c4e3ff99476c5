package org.imagerl.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    private static final Secrets SECRETS = new Secrets(
            Map.of("MY_API_KEY", "pear-tree-99", "SHORT_TOKEN", "ab", "PLAIN", "visible-value", "JUDGE", "nut-tree-77"),
            "/home/anna");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        url: http://me:pw1234@host:80/x                  | url: http://***@host:80/x
        url: https://host/x?seed=4&token=abc123&y=1      | url: https://host/x?seed=4&token=***&y=1
        X-Amz-Signature in ?X-Amz-Signature=0a1b2c&z=3   | X-Amz-Signature in ?X-Amz-Signature=***&z=3
        Authorization: Bearer abc.def-ghi12              | Authorization: Bearer ***
        authorization=Basic bWU6cHc9PQ==                 | authorization=Basic ***
        {"password": "a b, c", "n": 1}                   | {"password": ***, "n": 1}
        api_key: k-1, weight: 2                          | api_key: ***, weight: 2
        --set tracker.secret=hush --set seed=1           | --set tracker.secret=*** --set seed=1
        {\\"token\\": \\"a b\\", \\"n\\": 1}               | {\\"token\\": ***, \\"n\\": 1}
        "{\\\\\\"api_key\\\\\\":\\\\\\"k\\\\\\"}"                   | "{\\\\\\"api_key\\\\\\":***}"
        {"auth":["X", ["Y"]], "author": "A"}             | {"auth":***, "author": "A"}
        credentials: {user: a, more: {pin: 1}} and so on | credentials: *** and so on
        aws_access_key_id=ABC seed=1                     | aws_access_key_id=*** seed=1
        curl -s -u me:hush http://host                   | curl -s -u *** http://host
        curl --user 'me:hush hush' http://host           | curl --user *** http://host
        {"password": "a\\"b", "n": 1}                     | {"password": ***, "n": 1}
        Authorization: token abc def                     | Authorization: token ***
        Proxy-Authorization: Digest user="a", nonce="b"  | Proxy-Authorization: Digest ***
        tool --password hush --token hush2 --seed 1      | tool --password *** --token *** --seed 1
        DB_PASS=hush and bypass=1                        | DB_PASS=*** and bypass=1
        Cookie: session=1                                | Cookie: ***
        hf_AbCdEfGhIjKlMnOp in a line                    | *** in a line
        eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.abc            | ***
        log: pear-tree-99 was sent                       | log: *** was sent
        {token_variable: JUDGE} sent nut-tree-77         | {token_variable: JUDGE} sent ***
        /home/anna/models/sd15                           | ~/models/sd15
        """)
    void whatIsSecretIsMasked(String text, String masked) {
        assertThat(SECRETS.named(List.of(text)).masked(text)).isEqualTo(masked);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model: {text_tokens: 256, components: {tokenizer: models/clip}}",
                "rewards: [{type: remote, url: \"http://127.0.0.1:8000\", token_variable: REWARD_TOKEN}]",
                "{\"step\": 3, \"reward_mean\": 0.4, \"seconds_reward_ocr\": 1.5}",
                "checkpoint: /models/stable-diffusion-v1-5",
                "a log line with visible-value and ab",
                "sha256: 7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069"
            })
    void whatIsNoSecretStays(String text) {
        assertThat(SECRETS.masked(text)).isEqualTo(text);
    }

    @Test
    void whatOneTextNamesIsMaskedInOthers() {
        Secrets named = SECRETS.named(List.of("a", "token_variable: JUDGE"));
        assertThat(named.masked("sent nut-tree-77")).isEqualTo("sent ***");
        assertThat(SECRETS.masked("sent nut-tree-77")).isEqualTo("sent nut-tree-77");
    }

    /** Also the lines of a text or of keys below the key, as far as they are indented more, and none of those behind. */
    @Test
    void whatStandsBelowAKeyOfYamlIsMasked() {
        assertThat(SECRETS.masked("a: 1\nmultiline_token: |\n  pear\n\n  plum\nseed: 2\n"))
                .isEqualTo("a: 1\nmultiline_token: ***\nseed: 2\n");
        assertThat(SECRETS.masked("t:\n  credentials: # mine\n    user: me\n    pin: 12\n  steps: 3"))
                .isEqualTo("t:\n  credentials: ***\n  steps: 3");
        assertThat(SECRETS.masked("credentials:\n- me\n- you\nsteps: 3")).isEqualTo("credentials: ***\nsteps: 3");
    }

    @Test
    void aPrivateKeyIsMasked() {
        String key = "a -----BEGIN RSA PRIVATE KEY-----%s-----END RSA PRIVATE KEY----- b";
        assertThat(SECRETS.masked(key.formatted("\nMIIE\nAb=\n"))).isEqualTo(key.formatted("***"));
    }

    @Test
    void aRootFolderIsNoHome() {
        assertThat(new Secrets(Map.of(), "/").masked("a/b")).isEqualTo("a/b");
    }
}
