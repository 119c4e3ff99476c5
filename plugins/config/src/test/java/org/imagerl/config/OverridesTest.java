package org.imagerl.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OverridesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        url="http://ann:secret1@host/x"    | --set url="http://***@host/x"
        url=https://secret1@host           | --set url=https://***@host
        url=http://h?a=1&api_token=secret1 | --set url=http://h?a=1&api_token=***
        url={a: 'http://h?Key=secret1'}    | --set url={a: 'http://h?Key=***'}
        mail=ann@host                      | --set mail=ann@host
        """)
    void secretsOfAddressesAreNotShownInMessages(String option, String shown) {
        Node node = Overrides.parse(List.of(option)).nodes(new Problems()).get(0);
        assertThat(node.origin().source()).isEqualTo(shown);
    }
}
