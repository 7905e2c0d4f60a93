// SPDX-License-Identifier: Apache-2.0
// Whom the servers trust over DTLS, and the certificate that they show: server.der, server.key (PKCS #8) and
// authority.der of a folder.
package lwm2m.interop;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.leshan.server.security.EditableSecurityStore;
import org.eclipse.leshan.server.security.InMemorySecurityStore;
import org.eclipse.leshan.server.security.NonUniqueSecurityInfoException;
import org.eclipse.leshan.server.security.SecurityInfo;

record Security(
        EditableSecurityStore store, X509Certificate[] certificate, PrivateKey key, X509Certificate[] authorities) {
    private static final int CONNECTION_ID_LENGTH = 6;

    static Security load(File folder) throws IOException, GeneralSecurityException {
        KeyFactory factory = KeyFactory.getInstance("EC");
        return new Security(
                new InMemorySecurityStore(),
                certificates(folder, "server.der"),
                factory.generatePrivate(new PKCS8EncodedKeySpec(read(folder, "server.key"))),
                certificates(folder, "authority.der"));
    }

    private static byte[] read(File folder, String name) throws IOException {
        return Files.readAllBytes(new File(folder, name).toPath());
    }

    private static X509Certificate[] certificates(File folder, String name)
            throws IOException, GeneralSecurityException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        ByteArrayInputStream bytes = new ByteArrayInputStream(read(folder, name));
        return new X509Certificate[] {(X509Certificate) factory.generateCertificate(bytes)};
    }

    static void configure(Configuration config) {
        config.set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, CONNECTION_ID_LENGTH);
    }

    /** A client with this endpoint name may come: with a key if the command has one, else with a certificate. */
    void trust(Command command) {
        String endpoint = command.required("endpoint");
        SecurityInfo info = command.has("key")
                ? SecurityInfo.newPreSharedKeyInfo(
                        endpoint,
                        command.required("identity"),
                        HexFormat.of().parseHex(command.required("key")))
                : SecurityInfo.newX509CertInfo(endpoint);
        try {
            store.add(info);
        } catch (NonUniqueSecurityInfoException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
