// SPDX-License-Identifier: Apache-2.0
// The inverse of NodeJson: nodes to write, from the JSON of a command. What NodeJson prints is accepted;
// a bare value stands for a resource, and a type that is left out comes from the object's definition.
package lwm2m.interop;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.leshan.core.link.DefaultLinkParser;
import org.eclipse.leshan.core.link.LinkParseException;
import org.eclipse.leshan.core.model.LwM2mModel;
import org.eclipse.leshan.core.model.ResourceModel;
import org.eclipse.leshan.core.model.ResourceModel.Type;
import org.eclipse.leshan.core.node.LwM2mMultipleResource;
import org.eclipse.leshan.core.node.LwM2mNode;
import org.eclipse.leshan.core.node.LwM2mObject;
import org.eclipse.leshan.core.node.LwM2mObjectInstance;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.node.LwM2mResourceInstance;
import org.eclipse.leshan.core.node.LwM2mSingleResource;
import org.eclipse.leshan.core.node.ObjectLink;
import org.eclipse.leshan.core.util.datatype.ULong;

record NodeParser(LwM2mModel model) {
    LwM2mNode node(LwM2mPath path, JsonNode json) {
        if (path.isObject()) {
            return new LwM2mObject(path.getObjectId(), instances(path, json));
        } else if (path.isObjectInstance()) {
            return new LwM2mObjectInstance(path.getObjectInstanceId(), resources(path, json));
        } else if (path.isResource()) {
            return resource(path, json);
        } else if (path.isResourceInstance()) {
            Type type = type(path, json);
            return LwM2mResourceInstance.newInstance(path.getResourceInstanceId(), value(type, bare(json)), type);
        }
        throw new IllegalArgumentException("no node can be written at " + path);
    }

    /** The object instances of `{"instances": {"0": {"resources": ...}}}`. */
    List<LwM2mObjectInstance> instances(LwM2mPath object, JsonNode json) {
        return children(json, "instances").entrySet().stream()
                .map(child -> (LwM2mObjectInstance) node(object.append(child.getKey()), child.getValue()))
                .toList();
    }

    /** The resources of `{"resources": {"5700": ...}}`, for an instance or, at Create, an object path. */
    List<LwM2mResource> resources(LwM2mPath parent, JsonNode json) {
        LwM2mPath instance = parent.isObject() ? parent.append(0) : parent;
        return children(json, "resources").entrySet().stream()
                .map(child -> resource(instance.append(child.getKey()), child.getValue()))
                .toList();
    }

    private LwM2mResource resource(LwM2mPath path, JsonNode json) {
        Type type = type(path, json);
        if (json.has("instances")) {
            Map<Integer, Object> values = new TreeMap<>();
            children(json, "instances").forEach((id, value) -> values.put(id, value(type, value)));
            return LwM2mMultipleResource.newResource(path.getResourceId(), values, type);
        }
        return LwM2mSingleResource.newResource(path.getResourceId(), value(type, bare(json)), type);
    }

    private Type type(LwM2mPath path, JsonNode json) {
        if (json.hasNonNull("type")) {
            return Type.valueOf(json.get("type").asText());
        }
        ResourceModel resource = model.getResourceModel(path.getObjectId(), path.getResourceId());
        if (resource == null) {
            throw new IllegalArgumentException("type needed: no definition of " + path);
        }
        return resource.type;
    }

    private static JsonNode bare(JsonNode json) {
        return json.isObject() ? json.path("value") : json;
    }

    private static Map<Integer, JsonNode> children(JsonNode json, String field) {
        if (!json.path(field).isObject()) {
            throw new IllegalArgumentException("missing " + field);
        }
        Map<Integer, JsonNode> children = new TreeMap<>();
        json.get(field)
                .fields()
                .forEachRemaining(child -> children.put(Integer.valueOf(child.getKey()), child.getValue()));
        return children;
    }

    private static Object value(Type type, JsonNode json) {
        boolean fits = switch (type) {
            case INTEGER, TIME -> json.canConvertToLong() && json.isIntegralNumber();
            case UNSIGNED_INTEGER -> json.isIntegralNumber();
            case FLOAT -> json.isNumber();
            case BOOLEAN -> json.isBoolean();
            case STRING, OPAQUE, OBJLNK, CORELINK -> json.isTextual();
            case NONE -> false;
        };
        if (!fits) {
            throw new IllegalArgumentException(json + " is no value of type " + type);
        }
        return switch (type) {
            case INTEGER -> json.longValue();
            case TIME -> new Date(Math.multiplyExact(json.longValue(), 1000L));
            case UNSIGNED_INTEGER -> ULong.valueOf(json.bigIntegerValue());
            case FLOAT -> json.doubleValue();
            case BOOLEAN -> json.booleanValue();
            case STRING -> json.textValue();
            case OPAQUE -> HexFormat.of().parseHex(json.textValue());
            case OBJLNK -> ObjectLink.decodeFromString(json.textValue());
            case CORELINK -> links(json.textValue());
            case NONE -> throw new IllegalStateException();
        };
    }

    private static Object links(String text) {
        try {
            return new DefaultLinkParser().parseCoreLinkFormat(text.getBytes(StandardCharsets.UTF_8));
        } catch (LinkParseException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
