// SPDX-License-Identifier: Apache-2.0
// One command as it came from stdin, with typed access to its fields.
package lwm2m.interop;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.request.ContentFormat;

record Command(JsonNode json) {
    private static final long DEFAULT_TIMEOUT_MS = 15000;

    JsonNode id() {
        return json.path("id");
    }

    String name() {
        return json.path("command").asText();
    }

    long timeoutMs() {
        return json.path("timeoutMs").asLong(DEFAULT_TIMEOUT_MS);
    }

    boolean has(String field) {
        return json.hasNonNull(field);
    }

    /** The field's text, or null. */
    String text(String field) {
        return has(field) ? json.get(field).asText() : null;
    }

    String required(String field) {
        if (!has(field)) {
            throw new IllegalArgumentException("missing " + field);
        }
        return json.get(field).asText();
    }

    LwM2mPath path() {
        return new LwM2mPath(required("path"));
    }

    List<LwM2mPath> paths() {
        return LwM2mPath.getLwM2mPathList(texts("paths"));
    }

    List<String> texts(String field) {
        List<String> texts = new ArrayList<>();
        json.path(field).forEach(text -> texts.add(text.asText()));
        return texts;
    }

    /** The content format by Leshan's name or by number, or null for none. */
    ContentFormat format(String field) {
        if (!has(field)) {
            return null;
        }
        if (json.get(field).isInt()) {
            return ContentFormat.fromCode(json.get(field).intValue());
        }
        ContentFormat format = ContentFormat.fromName(text(field));
        if (format == null) {
            throw new IllegalArgumentException("unknown content format " + text(field));
        }
        return format;
    }

    /** The bytes of a field in hex, or null. */
    byte[] bytes(String field) {
        return has(field) ? HexFormat.of().parseHex(text(field)) : null;
    }
}
