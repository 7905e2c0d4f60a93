// SPDX-License-Identifier: Apache-2.0
// CoAP requests that Leshan's typed API would refuse to build, and their responses undecoded.
package lwm2m.interop;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.Option;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.leshan.core.californium.ObserveUtil;
import org.eclipse.leshan.core.californium.identity.DefaultCoapIdentityHandler;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.server.registration.Registration;

final class RawRequest {
    /** Marks, in the context that Leshan stores with an observation, one that began with a raw request. */
    private static final String CONTEXT_PATH = "raw-path";

    static Request build(Command command, Registration registration) {
        Request request = new Request(Code.valueOf(command.required("method").toUpperCase(Locale.ROOT)));
        request.setDestinationContext(
                new DefaultCoapIdentityHandler().createEndpointContext(registration.getClientTransportData(), true));
        request.setConfirmable(command.json().path("confirmable").asBoolean(true));
        for (String segment : command.required("path").split("/")) {
            if (!segment.isEmpty()) {
                request.getOptions().addUriPath(segment);
            }
        }
        command.texts("queries").forEach(request.getOptions()::addUriQuery);
        if (command.has("accept")) {
            request.getOptions().setAccept(command.format("accept").getCode());
        }
        if (command.has("contentFormat")) {
            request.getOptions().setContentFormat(command.format("contentFormat").getCode());
        }
        if (command.has("payload")) {
            payload(request, command.bytes("payload"));
        }
        if (command.has("token")) {
            request.setToken(command.bytes("token"));
        }
        if (command.has("observe")) {
            observe(request, command, registration);
        }
        return request;
    }

    static ObjectNode describe(ObjectNode json, Response response) {
        json.put("code", response.getCode().text).put("name", response.getCode().name());
        ResponseJson.header(json, response);
        ArrayNode options = json.putArray("options");
        response.getOptions().asSortedList().forEach(option -> describe(options.addObject(), option));
        return json.put("payload", HexFormat.of().formatHex(response.getPayload()));
    }

    static boolean isRaw(Map<String, String> context) {
        return context.containsKey(CONTEXT_PATH);
    }

    /** The path of a raw observation's request. */
    static String path(Request request) {
        return request.getUserContext().get(CONTEXT_PATH);
    }

    private static void payload(Request request, byte[] payload) {
        if (!request.isIntendedPayload()) {
            request.setUnintendedPayload();
        }
        request.setPayload(payload);
    }

    /** Leshan's observation store accepts GET and FETCH, and only with a client and LwM2M paths in the context. */
    private static void observe(Request request, Command command, Registration registration) {
        if (request.getCode() != Code.GET && request.getCode() != Code.FETCH) {
            throw new IllegalArgumentException("observe needs GET or FETCH");
        }
        request.getOptions().setObserve(command.json().get("observe").intValue());
        Map<String, String> context = new HashMap<>();
        context.put(ObserveUtil.CTX_ENDPOINT, registration.getEndpoint());
        context.put(ObserveUtil.CTX_REGID, registration.getId());
        ObserveUtil.addPathsIntoContext(context, List.of(LwM2mPath.ROOTPATH));
        context.put(CONTEXT_PATH, command.required("path"));
        request.setUserContext(context);
    }

    private static void describe(ObjectNode json, Option option) {
        json.put("number", option.getNumber()).put("name", option.getDefinition().getName());
        switch (option.getDefinition().getFormat()) {
            case INTEGER -> json.put("value", option.getLongValue());
            case STRING -> json.put("value", option.getStringValue());
            default -> json.put("value", HexFormat.of().formatHex(option.getValue()));
        }
    }

    private RawRequest() {}
}
