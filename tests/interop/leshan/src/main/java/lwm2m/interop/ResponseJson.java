// SPDX-License-Identifier: Apache-2.0
// A client's response, or a notification, as JSON: code, CoAP header fields of interest, decoded content.
package lwm2m.interop;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;
import static java.util.Comparator.nullsLast;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.TimestampedLwM2mNode;
import org.eclipse.leshan.core.node.TimestampedLwM2mNodes;
import org.eclipse.leshan.core.request.ContentFormat;
import org.eclipse.leshan.core.response.CreateResponse;
import org.eclipse.leshan.core.response.DiscoverResponse;
import org.eclipse.leshan.core.response.LwM2mResponse;
import org.eclipse.leshan.core.response.ObserveCompositeResponse;
import org.eclipse.leshan.core.response.ObserveResponse;
import org.eclipse.leshan.core.response.ReadCompositeResponse;
import org.eclipse.leshan.core.response.ReadResponse;

final class ResponseJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private static final Comparator<TimestampedLwM2mNode> OLDEST_FIRST =
            comparing(TimestampedLwM2mNode::getTimestamp, nullsLast(naturalOrder()));

    /** Adds to `json`; `path` is what was asked for, null where that was several paths. */
    static ObjectNode describe(ObjectNode json, LwM2mPath path, LwM2mResponse response) {
        Response coap = (Response) response.getCoapResponse();
        json.put("code", code(response)).put("name", response.getCode().getName());
        header(json, coap);
        if (response.isFailure()) {
            if (!response.getErrorMessage().isEmpty()) {
                json.put("message", response.getErrorMessage());
            }
        } else if (response instanceof DiscoverResponse discover) {
            json.set("content", LinkJson.of(discover.getObjectLinks()));
        } else if (response instanceof CreateResponse create) {
            json.put("location", create.getLocation());
        } else if (response instanceof ReadResponse read) {
            single(json, path, read);
        } else if (response instanceof ReadCompositeResponse composite) {
            composite(json, composite);
        }
        return json;
    }

    /** Such as 2.05. */
    static String code(LwM2mResponse response) {
        return ((Response) response.getCoapResponse()).getCode().text;
    }

    /** What a CoAP response says of itself apart from code and payload. */
    static ObjectNode header(ObjectNode json, Response coap) {
        json.put("type", coap.getType().name()).put("token", HexFormat.of().formatHex(coap.getTokenBytes()));
        if (coap.getOptions().hasContentFormat()) {
            json.set("format", format(ContentFormat.fromCode(coap.getOptions().getContentFormat())));
        }
        if (coap.getOptions().hasObserve()) {
            json.put("observe", coap.getOptions().getObserve());
        }
        return json;
    }

    /** Leshan's name of the format, or the number of one that it does not know. */
    static JsonNode format(ContentFormat format) {
        boolean known = ContentFormat.fromName(format.getName()) != null;
        return known ? JSON.textNode(format.getName()) : JSON.numberNode(format.getCode());
    }

    /** `[{"timestamp": seconds or null, "nodes": {path: node}}]`, oldest first. */
    static ArrayNode timestamped(TimestampedLwM2mNodes nodes) {
        ArrayNode json = JSON.arrayNode();
        nodes.getTimestamps().forEach(timestamp -> {
            ObjectNode entry = json.addObject();
            entry.set("timestamp", NodeJson.time(timestamp));
            entry.set("nodes", NodeJson.of(nodes.getNodesAt(timestamp)));
        });
        return json;
    }

    private static void single(ObjectNode json, LwM2mPath path, ReadResponse read) {
        json.set("content", NodeJson.of(path, read.getContent()));
        TimestampedLwM2mNode one = read.getTimestampedLwM2mNode();
        if (one != null && one.isTimestamped()) {
            json.set("timestamp", NodeJson.time(one.getTimestamp()));
        }
        if (read instanceof ObserveResponse observe && observe.getTimestampedLwM2mNodes() != null) {
            json.set("timestamped", timestamped(path, observe.getTimestampedLwM2mNodes()));
        }
    }

    private static void composite(ObjectNode json, ReadCompositeResponse composite) {
        json.set("content", NodeJson.of(composite.getContent()));
        if (composite instanceof ObserveCompositeResponse observe && observe.getTimestampedLwM2mNodes() != null) {
            json.set("timestamped", timestamped(observe.getTimestampedLwM2mNodes()));
        }
    }

    /** `[{"timestamp": seconds or null, "content": node}]`, oldest first, whatever Leshan's order. */
    private static ArrayNode timestamped(LwM2mPath path, List<TimestampedLwM2mNode> nodes) {
        ArrayNode json = JSON.arrayNode();
        nodes.stream().sorted(OLDEST_FIRST).forEach(node -> {
            ObjectNode entry = json.addObject();
            entry.set("timestamp", NodeJson.time(node.getTimestamp()));
            entry.set("content", NodeJson.of(path, node.getNode()));
        });
        return json;
    }

    private ResponseJson() {}
}
