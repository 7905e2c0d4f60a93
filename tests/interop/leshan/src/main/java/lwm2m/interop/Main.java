// SPDX-License-Identifier: Apache-2.0
// Entry point: options, start-up, and the loop that reads one command per line from stdin.
package lwm2m.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

public final class Main {
    private static final String USAGE = "usage: java -jar leshan-interop.jar [--port N] [--models DIR]... [--impatient] [--bootstrap] [--security DIR [--expired DIR]]";

    private record Options(
            int port, boolean impatient, boolean bootstrap, List<File> models, Optional<File> security, Optional<File> expired) {
        static Options parse(String[] args) {
            int port = 0;
            boolean impatient = false;
            boolean bootstrap = false;
            List<File> models = new ArrayList<>();
            Optional<File> security = Optional.empty();
            Optional<File> expired = Optional.empty();
            for (int i = 0; i < args.length; i += 2) {
                if (args[i].equals("--impatient") || args[i].equals("--bootstrap")) {
                    impatient |= args[i].equals("--impatient");
                    bootstrap |= args[i].equals("--bootstrap");
                    i--;
                    continue;
                }
                if (i + 1 == args.length) {
                    throw new IllegalArgumentException("missing value of " + args[i]);
                }
                switch (args[i]) {
                    case "--port" -> port = Integer.parseInt(args[i + 1]);
                    case "--security" -> security = Optional.of(new File(args[i + 1]));
                    case "--expired" -> expired = Optional.of(new File(args[i + 1]));
                    case "--models" -> models.add(new File(args[i + 1]));
                    default -> throw new IllegalArgumentException("unknown option " + args[i]);
                }
            }
            return new Options(port, impatient, bootstrap, models, security, expired);
        }
    }

    public static void main(String[] args) throws Exception {
        Options options;
        try {
            options = Options.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "\n" + USAGE);
            System.exit(2);
            return;
        }

        Output output = new Output(new PrintStream(new FileOutputStream(FileDescriptor.out), false, "UTF-8"));
        // What a library prints must not end up between the JSON lines.
        System.setOut(System.err);

        Optional<Security> security = Optional.empty();
        if (options.security().isPresent()) {
            security = Optional.of(Security.load(options.security().get()));
        }
        Server server = Server.create(options.port(), options.impatient(), Models.load(options.models()), security);
        Events events = new Events(output);
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> events.error("thread " + thread.getName(), error));
        events.listenTo(server);
        server.start();
        ObjectNode listening = Output.event("listening").put("port", server.port());
        if (security.isPresent()) {
            listening.put("securePort", server.securePort());
        }
        Server expired = null;
        if (options.expired().isPresent()) {
            // A server of its own, because a server has one certificate.
            Optional<Security> other = Optional.of(Security.load(options.expired().get()));
            expired = Server.create(0, false, Models.load(options.models()), other);
            expired.start();
            listening.put("expiredPort", expired.securePort());
        }
        BootstrapServer bootstrap = null;
        if (options.bootstrap()) {
            bootstrap = new BootstrapServer(server, output);
            bootstrap.start();
            listening.put("bootstrapPort", bootstrap.port());
        }
        output.line(listening);

        serve(new Commands(server, output), events, output);
        if (bootstrap != null) {
            bootstrap.destroy();
        }
        if (expired != null) {
            expired.destroy();
        }
        server.destroy();
        // Californium may have left a thread that is not a daemon.
        System.exit(0);
    }

    /** Returns on `quit` and at the end of stdin, so that the server does not outlive its test. */
    private static void serve(Commands commands, Events events, Output output) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        BufferedReader stdin = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = stdin.readLine(); line != null; line = stdin.readLine()) {
            if (line.isBlank()) {
                continue;
            }
            JsonNode json;
            try {
                json = mapper.readTree(line);
            } catch (IOException e) {
                events.error("stdin", e);
                continue;
            }
            Command command = new Command(json);
            if (command.name().equals("quit")) {
                output.reply(command, "quit", BooleanNode.TRUE);
                return;
            }
            commands.run(command);
        }
    }

    private Main() {}
}
