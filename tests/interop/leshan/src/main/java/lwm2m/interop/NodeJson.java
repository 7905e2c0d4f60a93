// SPDX-License-Identifier: Apache-2.0
// LwM2M nodes as JSON: a tree whose every node carries its path, and whose leaves carry type and value.
package lwm2m.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.eclipse.leshan.core.link.DefaultLinkSerializer;
import org.eclipse.leshan.core.link.Link;
import org.eclipse.leshan.core.model.ResourceModel.Type;
import org.eclipse.leshan.core.node.LwM2mNode;
import org.eclipse.leshan.core.node.LwM2mObject;
import org.eclipse.leshan.core.node.LwM2mObjectInstance;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.node.LwM2mResourceInstance;
import org.eclipse.leshan.core.node.LwM2mRoot;
import org.eclipse.leshan.core.node.ObjectLink;
import org.eclipse.leshan.core.util.datatype.ULong;

final class NodeJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** `null` is a node that the client did not have. */
    static JsonNode of(LwM2mPath path, LwM2mNode node) {
        if (node == null) {
            return NullNode.instance;
        }
        ObjectNode json = Output.object().put("path", path.toString());
        if (node instanceof LwM2mResourceInstance instance) {
            return leaf(json, instance.getType(), instance.getValue());
        } else if (node instanceof LwM2mResource resource && resource.isMultiInstances()) {
            json.put("type", resource.getType().name());
            return json.set(
                    "instances",
                    children(resource.getInstances(), (id, child) -> value(child.getType(), child.getValue())));
        } else if (node instanceof LwM2mResource resource) {
            return leaf(json, resource.getType(), resource.getValue());
        } else if (node instanceof LwM2mObjectInstance instance) {
            return json.set("resources", children(instance.getResources(), (id, child) -> of(path.append(id), child)));
        } else if (node instanceof LwM2mObject object) {
            return json.set("instances", children(object.getInstances(), (id, child) -> of(path.append(id), child)));
        } else if (node instanceof LwM2mRoot root) {
            return json.set("objects", children(root.getObjects(), (id, child) -> of(new LwM2mPath(id), child)));
        }
        throw new IllegalArgumentException("unknown node " + node.getClass());
    }

    /** An object keyed by path, as Composite operations and Send deliver nodes. */
    static ObjectNode of(Map<LwM2mPath, LwM2mNode> nodes) {
        ObjectNode json = Output.object();
        new TreeMap<>(nodes).forEach((path, node) -> json.set(path.toString(), of(path, node)));
        return json;
    }

    /** Seconds since the epoch, with the fraction that SenML may carry; `null` stays null. */
    static JsonNode time(Instant instant) {
        if (instant == null) {
            return NullNode.instance;
        }
        if (instant.getNano() == 0) {
            return JSON.numberNode(instant.getEpochSecond());
        }
        BigDecimal seconds = BigDecimal.valueOf(instant.getEpochSecond());
        return JSON.numberNode(seconds.add(BigDecimal.valueOf(instant.getNano(), 9)).stripTrailingZeros());
    }

    private static ObjectNode leaf(ObjectNode json, Type type, Object value) {
        json.put("type", type.name());
        return json.set("value", value(type, value));
    }

    private static <T> ObjectNode children(Map<Integer, T> nodes, BiFunction<Integer, T, JsonNode> encode) {
        ObjectNode json = Output.object();
        new TreeMap<>(nodes).forEach((id, node) -> json.set(id.toString(), encode.apply(id, node)));
        return json;
    }

    private static JsonNode value(Type type, Object value) {
        return switch (type) {
            case STRING -> JSON.textNode((String) value);
            case INTEGER -> JSON.numberNode((Long) value);
            case UNSIGNED_INTEGER -> JSON.numberNode(((ULong) value).toBigInteger());
            case FLOAT -> JSON.numberNode((Double) value);
            case BOOLEAN -> JSON.booleanNode((Boolean) value);
            case OPAQUE -> JSON.textNode(HexFormat.of().formatHex((byte[]) value));
            case TIME -> JSON.numberNode(Math.floorDiv(((Date) value).getTime(), 1000L));
            case OBJLNK -> JSON.textNode(((ObjectLink) value).encodeToString());
            case CORELINK -> JSON.textNode(new DefaultLinkSerializer().serializeCoreLinkFormat((Link[]) value));
            case NONE -> NullNode.instance;
        };
    }

    private NodeJson() {}
}
