// SPDX-License-Identifier: Apache-2.0
// What clients do by themselves, as event lines.
package lwm2m.interop;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.TimestampedLwM2mNodes;
import org.eclipse.leshan.core.observation.CompositeObservation;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.core.observation.SingleObservation;
import org.eclipse.leshan.core.request.SendRequest;
import org.eclipse.leshan.core.response.LwM2mResponse;
import org.eclipse.leshan.core.response.ObserveCompositeResponse;
import org.eclipse.leshan.core.response.ObserveResponse;
import org.eclipse.leshan.server.observation.ObservationListener;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationListener;
import org.eclipse.leshan.server.registration.RegistrationUpdate;
import org.eclipse.leshan.server.send.SendListener;

final class Events {
    private final Output output;

    Events(Output output) {
        this.output = output;
    }

    void listenTo(Server server) {
        server.leshan().getRegistrationService().addListener(new Registrations());
        server.leshan().getObservationService().addListener(new Notifications());
        server.leshan().getSendService().addListener(new Sends());
        server.coapEndpoint().addNotificationListener((request, response) -> {
            if (RawRequest.isRaw(request.getUserContext())) {
                rawNotification(RawRequest.path(request), response);
            }
        });
    }

    /** Anything that no other event reports; `source` says where it came up. */
    void error(String source, Throwable error) {
        output.line(Output.event("error").put("source", source).<ObjectNode>set("error", Output.error(error)));
    }

    private void rawNotification(String path, Response response) {
        ObjectNode event = Output.event("rawNotification").put("path", path);
        output.line(RawRequest.describe(event, response));
    }

    private final class Registrations implements RegistrationListener {
        @Override
        public void registered(Registration registration, Registration previous, Collection<Observation> lost) {
            output.line(RegistrationJson.describe(Output.event("registered"), registration));
        }

        @Override
        public void updated(RegistrationUpdate update, Registration registration, Registration previous) {
            ObjectNode event = RegistrationJson.describe(Output.event("updated"), registration);
            output.line(event.<ObjectNode>set("carried", RegistrationJson.carried(update)));
        }

        @Override
        public void unregistered(
                Registration registration, Collection<Observation> lost, boolean expired, Registration successor) {
            ObjectNode event = RegistrationJson.name(Output.event("unregistered"), registration);
            output.line(event.put("expired", expired).put("replaced", successor != null));
        }
    }

    private final class Notifications implements ObservationListener {
        @Override
        public void newObservation(Observation observation, Registration registration) {}

        @Override
        public void cancelled(Observation observation) {}

        @Override
        public void onResponse(SingleObservation observation, Registration registration, ObserveResponse response) {
            notification(observation, registration, observation.getPath(), response);
        }

        @Override
        public void onResponse(
                CompositeObservation observation, Registration registration, ObserveCompositeResponse response) {
            notification(observation, registration, null, response);
        }

        @Override
        public void onError(Observation observation, Registration registration, Exception error) {
            if (!RawRequest.isRaw(observation.getContext())) {
                error("notification", error);
            }
        }

        private void notification(
                Observation observation, Registration registration, LwM2mPath path, LwM2mResponse response) {
            if (RawRequest.isRaw(observation.getContext())) {
                return;
            }
            ObjectNode event = RegistrationJson.name(Output.event("notification"), registration);
            if (observation instanceof CompositeObservation composite) {
                ArrayNode paths = event.putArray("paths");
                composite.getPaths().forEach(each -> paths.add(each.toString()));
            } else {
                event.put("path", path.toString());
            }
            output.line(ResponseJson.describe(event, path, response));
        }
    }

    private final class Sends implements SendListener {
        @Override
        public void dataReceived(Registration registration, TimestampedLwM2mNodes data, SendRequest request) {
            ObjectNode event = RegistrationJson.name(Output.event("send"), registration);
            event.set("format", ResponseJson.format(request.getFormat()));
            output.line(event.<ObjectNode>set("values", ResponseJson.timestamped(data)));
        }

        @Override
        public void onError(Registration registration, String message, Exception error) {
            error("send", error);
        }
    }
}
