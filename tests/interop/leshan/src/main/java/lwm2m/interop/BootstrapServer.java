// SPDX-License-Identifier: Apache-2.0
// Leshan's bootstrap server: every client gets the account of the server under this program, over DTLS with the key by
// which it is trusted itself.
package lwm2m.interop;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import org.eclipse.leshan.core.SecurityMode;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.core.request.BindingMode;
import org.eclipse.leshan.core.request.BootstrapDownlinkRequest;
import org.eclipse.leshan.core.response.LwM2mResponse;
import org.eclipse.leshan.server.bootstrap.BootstrapConfig;
import org.eclipse.leshan.server.bootstrap.BootstrapFailureCause;
import org.eclipse.leshan.server.bootstrap.BootstrapSession;
import org.eclipse.leshan.server.bootstrap.BootstrapSessionAdapter;
import org.eclipse.leshan.server.bootstrap.LeshanBootstrapServer;
import org.eclipse.leshan.server.bootstrap.LeshanBootstrapServerBuilder;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.CaliforniumBootstrapServerEndpointsProvider;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.coap.CoapBootstrapServerProtocolProvider;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.coaps.CoapsBootstrapServerProtocolProvider;
import org.eclipse.leshan.server.security.BootstrapSecurityStoreAdapter;
import org.eclipse.leshan.server.security.SecurityInfo;

final class BootstrapServer {
    private static final int SHORT_SERVER_ID = 123;
    private static final int LIFETIME_S = 300;
    private static final int DISABLE_TIMEOUT_S = 2;

    private final LeshanBootstrapServer leshan;

    private final Protocol protocol;

    /** `server` is what clients are to register with. */
    BootstrapServer(Server server, Output output) throws UnknownHostException {
        protocol = server.security().isPresent() ? Protocol.COAPS : Protocol.COAP;
        CaliforniumBootstrapServerEndpointsProvider.Builder endpoints =
                new CaliforniumBootstrapServerEndpointsProvider.Builder(
                        new CoapBootstrapServerProtocolProvider(), new CoapsBootstrapServerProtocolProvider());
        endpoints.addEndpoint(Server.address(0), protocol);
        LeshanBootstrapServerBuilder builder = new LeshanBootstrapServerBuilder();
        builder.setEndpointsProviders(endpoints.build());
        builder.setConfigStore(session -> accounts(account(server, session.getEndpoint())));
        server.security()
                .ifPresent(own -> builder.setSecurityStore(new BootstrapSecurityStoreAdapter(own.store())));
        leshan = builder.build();
        leshan.addListener(new Sessions(output));
    }

    private static BootstrapConfig.ServerSecurity account(Server server, String endpoint) {
        BootstrapConfig.ServerSecurity security = new BootstrapConfig.ServerSecurity();
        security.serverId = SHORT_SERVER_ID;
        if (server.security().isEmpty()) {
            security.uri = "coap://127.0.0.1:" + server.port();
            security.securityMode = SecurityMode.NO_SEC;
            return security;
        }
        SecurityInfo trusted = server.security().get().store().getByEndpoint(endpoint);
        security.uri = "coaps://127.0.0.1:" + server.securePort();
        security.securityMode = SecurityMode.PSK;
        security.publicKeyOrId = trusted.getPskIdentity().getBytes(StandardCharsets.UTF_8);
        security.secretKey = trusted.getPreSharedKey();
        return security;
    }

    /** Discover tells which Security instance is the bootstrap server's; what there was of servers goes. */
    private static BootstrapConfig accounts(BootstrapConfig.ServerSecurity security) {
        BootstrapConfig.ServerConfig server = new BootstrapConfig.ServerConfig();
        server.shortId = SHORT_SERVER_ID;
        server.lifetime = LIFETIME_S;
        server.disableTimeout = DISABLE_TIMEOUT_S;
        server.binding = EnumSet.of(BindingMode.U);
        BootstrapConfig config = new BootstrapConfig();
        config.autoIdForSecurityObject = true;
        config.toDelete = List.of("/0", "/1");
        config.security.put(0, security);
        config.servers.put(0, server);
        return config;
    }

    void start() {
        leshan.start();
    }

    void destroy() {
        leshan.destroy();
    }

    int port() {
        return leshan.getEndpoint(protocol).getURI().getPort();
    }

    private static final class Sessions extends BootstrapSessionAdapter {
        private final Output output;

        Sessions(Output output) {
            this.output = output;
        }

        @Override
        public void onResponseSuccess(
                BootstrapSession session,
                BootstrapDownlinkRequest<? extends LwM2mResponse> request,
                LwM2mResponse response) {
            answered(session, request, response);
        }

        @Override
        public void onResponseError(
                BootstrapSession session,
                BootstrapDownlinkRequest<? extends LwM2mResponse> request,
                LwM2mResponse response) {
            answered(session, request, response);
        }

        @Override
        public void end(BootstrapSession session) {
            output.line(event("bootstrapped", session));
        }

        @Override
        public void failed(BootstrapSession session, BootstrapFailureCause cause) {
            output.line(event("bootstrapFailed", session).put("cause", cause.toString()));
        }

        private void answered(
                BootstrapSession session,
                BootstrapDownlinkRequest<? extends LwM2mResponse> request,
                LwM2mResponse response) {
            output.line(event("bootstrapStep", session)
                    .put("request", request.getClass().getSimpleName())
                    .put("path", String.valueOf(request.getPath()))
                    .put("code", ResponseJson.code(response)));
        }

        private static ObjectNode event(String name, BootstrapSession session) {
            return Output.event(name).put("endpoint", session.getEndpoint());
        }
    }
}
