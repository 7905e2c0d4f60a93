// SPDX-License-Identifier: Apache-2.0
// The lines that leave the program: one JSON object each, whole even when several threads write.
package lwm2m.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;

final class Output {
    private final PrintStream stream;

    Output(PrintStream stream) {
        this.stream = stream;
    }

    synchronized void line(JsonNode json) {
        stream.print(json + "\n");
        stream.flush();
    }

    void reply(Command command, String key, JsonNode value) {
        ObjectNode reply = object();
        reply.set("id", command.id());
        reply.set(key, value);
        line(reply);
    }

    static ObjectNode event(String name) {
        return object().put("event", name);
    }

    /** The `type` is the exception's class, which a test may compare; the `message` is for people. */
    static ObjectNode error(Throwable error) {
        ObjectNode json = object().put("type", error.getClass().getSimpleName()).put("message", error.getMessage());
        if (error.getCause() != null) {
            json.put("cause", String.valueOf(error.getCause().getMessage()));
        }
        return json;
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
