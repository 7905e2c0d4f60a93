// SPDX-License-Identifier: Apache-2.0
// Commands to operations: each is sent at once and answered by its id when the client, or the clock, has answered.
package lwm2m.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.leshan.core.californium.CoapAsyncRequestObserver;
import org.eclipse.leshan.core.californium.DefaultExceptionTranslator;
import org.eclipse.leshan.core.link.attributes.InvalidAttributeException;
import org.eclipse.leshan.core.link.lwm2m.attributes.DefaultLwM2mAttributeParser;
import org.eclipse.leshan.core.link.lwm2m.attributes.LwM2mAttributeSet;
import org.eclipse.leshan.core.node.LwM2mNode;
import org.eclipse.leshan.core.node.LwM2mObjectInstance;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.observation.CompositeObservation;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.core.observation.SingleObservation;
import org.eclipse.leshan.core.request.CancelCompositeObservationRequest;
import org.eclipse.leshan.core.request.CancelObservationRequest;
import org.eclipse.leshan.core.request.ContentFormat;
import org.eclipse.leshan.core.request.CreateRequest;
import org.eclipse.leshan.core.request.DeleteRequest;
import org.eclipse.leshan.core.request.DiscoverRequest;
import org.eclipse.leshan.core.request.DownlinkRequest;
import org.eclipse.leshan.core.request.ExecuteRequest;
import org.eclipse.leshan.core.request.ObserveCompositeRequest;
import org.eclipse.leshan.core.request.ObserveRequest;
import org.eclipse.leshan.core.request.ReadCompositeRequest;
import org.eclipse.leshan.core.request.ReadRequest;
import org.eclipse.leshan.core.request.SimpleDownlinkRequest;
import org.eclipse.leshan.core.request.WriteAttributesRequest;
import org.eclipse.leshan.core.request.WriteCompositeRequest;
import org.eclipse.leshan.core.request.WriteRequest;
import org.eclipse.leshan.core.request.exception.TimeoutException;
import org.eclipse.leshan.core.response.LwM2mResponse;
import org.eclipse.leshan.server.registration.Registration;

final class Commands {
    private final Server server;
    private final Output output;
    private final ScheduledExecutorService rawTimeouts = Executors.newSingleThreadScheduledExecutor();

    Commands(Server server, Output output) {
        this.server = server;
        this.output = output;
    }

    void run(Command command) {
        try {
            if (command.name().equals("clients")) {
                output.reply(command, "clients", clients());
            } else if (command.name().equals("trust")) {
                server.security().orElseThrow().trust(command);
                output.reply(command, "trusted", BooleanNode.TRUE);
            } else {
                operate(command, server.registration(command.text("endpoint")));
            }
        } catch (RuntimeException | InvalidAttributeException e) {
            failed(command, e);
        }
    }

    private void operate(Command command, Registration client) throws InvalidAttributeException {
        switch (command.name()) {
            case "read" -> send(command, client, new ReadRequest(command.format("format"), command.path(), null));
            case "discover" -> send(command, client, new DiscoverRequest(command.required("path")));
            case "write" -> send(command, client, write(command, client));
            case "execute" -> send(
                    command, client, new ExecuteRequest(command.required("path"), command.text("arguments")));
            case "create" -> send(command, client, create(command, client));
            case "delete" -> send(command, client, new DeleteRequest(command.path()));
            case "writeAttributes" -> send(command, client, writeAttributes(command));
            case "observe" -> send(command, client, new ObserveRequest(command.format("format"), command.path(), null));
            case "readComposite" -> send(
                    command,
                    client,
                    new ReadCompositeRequest(
                            command.paths(),
                            compositeFormat(command, "requestFormat"),
                            compositeFormat(command, "responseFormat"),
                            null));
            case "observeComposite" -> send(
                    command,
                    client,
                    new ObserveCompositeRequest(
                            compositeFormat(command, "requestFormat"),
                            compositeFormat(command, "responseFormat"),
                            command.paths()));
            case "writeComposite" -> send(command, client, writeComposite(command, client));
            case "cancelObserve" -> cancelObserve(command, client);
            case "raw" -> raw(command, client);
            default -> throw new IllegalArgumentException("unknown command " + command.name());
        }
    }

    private ArrayNode clients() {
        ArrayNode clients = JsonNodeFactory.instance.arrayNode();
        server.registrations().forEach(each -> RegistrationJson.describe(clients.addObject(), each));
        return clients;
    }

    private WriteRequest write(Command command, Registration client) {
        WriteRequest.Mode mode =
                switch (command.has("mode") ? command.text("mode") : "replace") {
                    case "replace" -> WriteRequest.Mode.REPLACE;
                    case "update" -> WriteRequest.Mode.UPDATE;
                    default -> throw new IllegalArgumentException("unknown mode " + command.text("mode"));
                };
        LwM2mNode node = new NodeParser(server.model(client)).node(command.path(), command.json());
        return new WriteRequest(mode, command.format("format"), command.path(), node);
    }

    /** At `/3303` with resources the client chooses the instance id; at `/3303/5` the server does. */
    private CreateRequest create(Command command, Registration client) {
        NodeParser parser = new NodeParser(server.model(client));
        LwM2mPath path = command.path();
        LwM2mPath object = path.toObjectPath();
        ContentFormat format = command.format("format");
        if (path.isObjectInstance()) {
            return new CreateRequest(
                    format, object.toString(), (LwM2mObjectInstance) parser.node(path, command.json()));
        } else if (command.has("instances")) {
            return new CreateRequest(
                    format,
                    object.toString(),
                    parser.instances(object, command.json()).toArray(LwM2mObjectInstance[]::new));
        }
        List<LwM2mResource> resources = parser.resources(object, command.json());
        return new CreateRequest(format, object.toString(), resources);
    }

    /** An attribute whose value is null goes out as a bare name, which takes it away. */
    private static WriteAttributesRequest writeAttributes(Command command) throws InvalidAttributeException {
        List<String> queries = new ArrayList<>();
        command.json().path("attributes").fields().forEachRemaining(attribute -> {
            JsonNode value = attribute.getValue();
            queries.add(value.isNull() ? attribute.getKey() : attribute.getKey() + "=" + value.asText());
        });
        DefaultLwM2mAttributeParser parser = new DefaultLwM2mAttributeParser();
        return new WriteAttributesRequest(
                command.path(), new LwM2mAttributeSet(parser.parseQueryParams(queries)));
    }

    private WriteCompositeRequest writeComposite(Command command, Registration client) {
        NodeParser parser = new NodeParser(server.model(client));
        Map<LwM2mPath, LwM2mNode> nodes = new LinkedHashMap<>();
        command.json().path("nodes").fields().forEachRemaining(entry -> {
            LwM2mPath path = new LwM2mPath(entry.getKey());
            nodes.put(path, parser.node(path, entry.getValue()));
        });
        return new WriteCompositeRequest(compositeFormat(command, "format"), nodes, null);
    }

    private static ContentFormat compositeFormat(Command command, String field) {
        return command.has(field) ? command.format(field) : ContentFormat.SENML_CBOR;
    }

    private void cancelObserve(Command command, Registration client) {
        Observation observation = observation(command, client);
        switch (command.has("mode") ? command.text("mode") : "active") {
            case "active" -> {
                // Leshan keeps an observation that it cancelled actively until told to forget it.
                Consumer<LwM2mResponse> forget = response -> {
                    if (response.isSuccess()) {
                        server.leshan().getObservationService().cancelObservation(observation);
                    }
                };
                if (observation instanceof CompositeObservation composite) {
                    send(command, client, null, new CancelCompositeObservationRequest(composite), forget);
                } else {
                    SingleObservation single = (SingleObservation) observation;
                    send(command, client, single.getPath(), new CancelObservationRequest(single), forget);
                }
            }
            case "passive" -> {
                server.leshan().getObservationService().cancelObservation(observation);
                output.reply(command, "cancelled", IntNode.valueOf(1));
            }
            default -> throw new IllegalArgumentException("unknown mode " + command.text("mode"));
        }
    }

    private Observation observation(Command command, Registration client) {
        return server.leshan().getObservationService().getObservations(client).stream()
                .filter(each -> matches(command, each))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such observation"));
    }

    private static boolean matches(Command command, Observation observation) {
        if (command.has("token")) {
            return Arrays.equals(observation.getId().getBytes(), command.bytes("token"));
        } else if (observation instanceof CompositeObservation composite) {
            return composite.getPaths().equals(command.paths());
        }
        return command.has("path") && ((SingleObservation) observation).getPath().equals(command.path());
    }

    private void raw(Command command, Registration client) {
        Request request = RawRequest.build(command, client);
        request.addMessageObserver(new CoapAsyncRequestObserver(
                request,
                response -> answer(command, () -> RawRequest.describe(Output.object(), response)),
                error -> failed(command, error),
                command.timeoutMs(),
                rawTimeouts,
                new DefaultExceptionTranslator()));
        server.coapEndpoint().sendRequest(request);
    }

    private <T extends LwM2mResponse> void send(
            Command command, Registration client, SimpleDownlinkRequest<T> request) {
        send(command, client, request.getPath(), request, response -> {});
    }

    private <T extends LwM2mResponse> void send(Command command, Registration client, DownlinkRequest<T> request) {
        send(command, client, null, request, response -> {});
    }

    private <T extends LwM2mResponse> void send(
            Command command,
            Registration client,
            LwM2mPath path,
            DownlinkRequest<T> request,
            Consumer<? super T> onResponse) {
        server.leshan().send(
                        client,
                        request,
                        command.timeoutMs(),
                        response -> answer(command, () -> {
                            onResponse.accept(response);
                            return ResponseJson.describe(Output.object(), path, response);
                        }),
                        error -> failed(command, error));
    }

    /** Leshan drops what a callback throws; the command must be answered all the same. */
    private void answer(Command command, Supplier<JsonNode> response) {
        try {
            output.reply(command, "response", response.get());
        } catch (RuntimeException e) {
            failed(command, e);
        }
    }

    private void failed(Command command, Exception error) {
        if (error instanceof TimeoutException) {
            output.reply(command, "timeout", BooleanNode.TRUE);
        } else {
            output.reply(command, "error", Output.error(error));
        }
    }
}
