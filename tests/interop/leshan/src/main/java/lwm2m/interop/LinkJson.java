// SPDX-License-Identifier: Apache-2.0
// CoRE links (RFC 6690) of registrations and Discover as JSON.
package lwm2m.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.eclipse.leshan.core.link.Link;
import org.eclipse.leshan.core.link.attributes.Attribute;

final class LinkJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    static ArrayNode of(Link[] links) {
        ArrayNode json = JSON.arrayNode();
        for (Link link : links) {
            ObjectNode attributes = Output.object();
            link.getAttributes().forEach(attribute -> attributes.set(attribute.getName(), value(attribute)));
            ObjectNode entry = Output.object().put("path", link.getUriReference());
            json.add(entry.<ObjectNode>set("attributes", attributes));
        }
        return json;
    }

    /** Numbers as numbers, all else as the text of the link without quotes, null for no value. */
    private static JsonNode value(Attribute attribute) {
        if (!attribute.hasValue()) {
            return JSON.nullNode();
        } else if (attribute.getValue() instanceof Long number) {
            return JSON.numberNode(number);
        } else if (attribute.getValue() instanceof Double number) {
            return JSON.numberNode(number);
        }
        String text = attribute.getCoreLinkValue();
        boolean quoted = text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"");
        return JSON.textNode(quoted ? text.substring(1, text.length() - 1) : text);
    }

    private LinkJson() {}
}
