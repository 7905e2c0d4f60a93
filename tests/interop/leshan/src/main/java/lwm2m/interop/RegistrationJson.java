// SPDX-License-Identifier: Apache-2.0
// A registration as Leshan holds it, and which of its parts an Update carried.
package lwm2m.interop;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.stream.Collectors;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationUpdate;

final class RegistrationJson {
    static ObjectNode name(ObjectNode json, Registration registration) {
        return json.put("endpoint", registration.getEndpoint()).put("registrationId", registration.getId());
    }

    static ObjectNode describe(ObjectNode json, Registration registration) {
        name(json, registration);
        json.put("lifetime", registration.getLifeTimeInSec());
        json.put("version", registration.getLwM2mVersion().toString());
        json.put("binding", registration.getBindingMode().stream().map(Enum::name).collect(Collectors.joining()));
        json.put("queueMode", registration.getQueueMode());
        json.put("sms", registration.getSmsNumber());
        json.put("rootPath", registration.getRootPath());
        json.put("address", registration.getAddress().getHostAddress() + ":" + registration.getPort());
        ArrayNode formats = json.putArray("formats");
        registration.getSupportedContentFormats().forEach(format -> formats.add(ResponseJson.format(format)));
        ObjectNode attributes = json.putObject("attributes");
        registration.getAdditionalRegistrationAttributes().forEach(attributes::put);
        json.set("objectLinks", LinkJson.of(registration.getSortedObjectLinks()));
        return json;
    }

    /** The names, as in `describe`, of what the Update itself contained. */
    static ArrayNode carried(RegistrationUpdate update) {
        ArrayNode names = JsonNodeFactory.instance.arrayNode();
        if (update.getLifeTimeInSec() != null) {
            names.add("lifetime");
        }
        if (update.getBindingMode() != null) {
            names.add("binding");
        }
        if (update.getSmsNumber() != null) {
            names.add("sms");
        }
        if (update.getObjectLinks() != null) {
            names.add("objectLinks");
        }
        update.getAdditionalAttributes().keySet().forEach(names::add);
        return names;
    }

    private RegistrationJson() {}
}
