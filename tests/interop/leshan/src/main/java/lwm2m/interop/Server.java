// SPDX-License-Identifier: Apache-2.0
// The Leshan server under the program: CoAP over UDP on the loopback address, and over DTLS if there is security.
package lwm2m.interop;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.core.model.LwM2mModel;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.LeshanServerBuilder;
import org.eclipse.leshan.server.californium.endpoint.CaliforniumServerEndpoint;
import org.eclipse.leshan.server.californium.endpoint.CaliforniumServerEndpointsProvider;
import org.eclipse.leshan.server.californium.endpoint.coap.CoapServerProtocolProvider;
import org.eclipse.leshan.server.californium.endpoint.coaps.CoapsServerProtocolProvider;
import org.eclipse.leshan.server.model.VersionedModelProvider;
import org.eclipse.leshan.server.registration.Registration;

record Server(LeshanServer leshan, Optional<Security> security) {
    /** Californium's 8 KiB would refuse what a client may well answer to a read of an object. */
    private static final int MAX_RESOURCE_BODY_SIZE = 1 << 20;

    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    /** Transmission parameters for a network that loses much and is near: many short attempts. */
    private static final int IMPATIENT_ACK_TIMEOUT_MS = 100;

    private static final int IMPATIENT_MAX_RETRANSMIT = 10;
    private static final int BLOCK_SIZE = 1024;

    static Server create(int port, boolean impatient, List<ObjectModel> models, Optional<Security> security)
            throws UnknownHostException {
        CaliforniumServerEndpointsProvider.Builder builderOfEndpoints = new CaliforniumServerEndpointsProvider.Builder(
                new CoapServerProtocolProvider(), new CoapsServerProtocolProvider());
        builderOfEndpoints.setConfiguration(config -> {
            config.set(CoapConfig.MAX_RESOURCE_BODY_SIZE, MAX_RESOURCE_BODY_SIZE);
            Security.configure(config);
            if (impatient) {
                config.set(CoapConfig.ACK_TIMEOUT, IMPATIENT_ACK_TIMEOUT_MS, TimeUnit.MILLISECONDS);
                config.set(CoapConfig.ACK_TIMEOUT_SCALE, 1.2f);
                config.set(CoapConfig.MAX_RETRANSMIT, IMPATIENT_MAX_RETRANSMIT);
                config.set(CoapConfig.PREFERRED_BLOCK_SIZE, BLOCK_SIZE);
                config.set(CoapConfig.MAX_MESSAGE_SIZE, BLOCK_SIZE);
            }
        });
        builderOfEndpoints.addEndpoint(address(port), Protocol.COAP);
        if (security.isPresent()) {
            builderOfEndpoints.addEndpoint(address(0), Protocol.COAPS);
        }
        CaliforniumServerEndpointsProvider endpoints = builderOfEndpoints.build();

        LeshanServerBuilder builder = new LeshanServerBuilder();
        builder.setEndpointsProviders(endpoints);
        builder.setObjectModelProvider(new VersionedModelProvider(models));
        // A command goes out when it is given, also to a client in Queue Mode: the test decides when.
        builder.disableQueueModeSupport();
        security.ifPresent(own -> {
            builder.setSecurityStore(own.store());
            builder.setCertificateChain(own.certificate());
            builder.setPrivateKey(own.key());
            builder.setTrustedCertificates(own.authorities());
        });
        Server server = new Server(builder.build(), security);
        endpoints.getCoapServer().add(new PackageResource());
        return server;
    }

    static InetSocketAddress address(int port) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port);
    }

    void start() {
        leshan.start();
    }

    void destroy() {
        leshan.destroy();
    }

    int port() {
        return leshan.getEndpoint(Protocol.COAP).getURI().getPort();
    }

    int securePort() {
        return leshan.getEndpoint(Protocol.COAPS).getURI().getPort();
    }

    CoapEndpoint coapEndpoint() {
        return ((CaliforniumServerEndpoint) leshan.getEndpoint(Protocol.COAP)).getCoapEndpoint();
    }

    LwM2mModel model(Registration registration) {
        return leshan.getModelProvider().getObjectModel(registration);
    }

    List<Registration> registrations() {
        List<Registration> registrations = new ArrayList<>();
        leshan.getRegistrationService().getAllRegistrations().forEachRemaining(registrations::add);
        return registrations;
    }

    /** The client of that endpoint name; without a name, the only one. */
    Registration registration(String endpoint) {
        if (endpoint != null) {
            Registration registration = leshan.getRegistrationService().getByEndpoint(endpoint);
            if (registration == null) {
                throw new IllegalArgumentException("no client " + endpoint);
            }
            return registration;
        }
        List<Registration> all = registrations();
        if (all.size() != 1) {
            throw new IllegalArgumentException("endpoint needed: " + all.size() + " clients registered");
        }
        return all.get(0);
    }
}
