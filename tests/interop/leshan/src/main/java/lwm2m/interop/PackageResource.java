// SPDX-License-Identifier: Apache-2.0
// A firmware package to pull: /package?N is N bytes, the same ones whenever asked.
package lwm2m.interop;

import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.server.resources.CoapExchange;

final class PackageResource extends CoapResource {
    PackageResource() {
        super("package");
    }

    @Override
    public void handleGET(CoapExchange exchange) {
        try {
            int size = Integer.parseInt(exchange.getRequestOptions().getUriQueryString());
            exchange.respond(ResponseCode.CONTENT, bytes(size), MediaTypeRegistry.APPLICATION_OCTET_STREAM);
        } catch (NumberFormatException e) {
            exchange.respond(ResponseCode.BAD_OPTION);
        }
    }

    /** A linear congruential sequence: no two blocks of it are alike. */
    static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        int state = 1;
        for (int i = 0; i < size; i++) {
            state = state * 1664525 + 1013904223;
            bytes[i] = (byte) (state >>> 24);
        }
        return bytes;
    }
}
