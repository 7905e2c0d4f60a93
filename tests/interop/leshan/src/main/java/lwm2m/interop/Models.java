// SPDX-License-Identifier: Apache-2.0
// The object definitions that Leshan decodes with: its own, the bundled ones, and those of a folder.
package lwm2m.interop;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.eclipse.leshan.core.model.InvalidDDFFileException;
import org.eclipse.leshan.core.model.InvalidModelException;
import org.eclipse.leshan.core.model.ObjectLoader;
import org.eclipse.leshan.core.model.ObjectModel;

final class Models {
    private static final String[] BUNDLED = {"3303-1_0.xml", "3303-1_1.xml"};

    /** A definition of one of `directories` replaces one of the same object and version. */
    static List<ObjectModel> load(List<File> directories)
            throws IOException, InvalidModelException, InvalidDDFFileException {
        List<ObjectModel> models = ObjectLoader.loadAllDefault();
        models.addAll(ObjectLoader.loadDdfResources("/models/", BUNDLED, true));
        for (File directory : directories) {
            for (File file : definitions(directory)) {
                // Not ObjectLoader.loadObjectsFromDir, which passes over a file that it cannot use.
                try (InputStream input = new FileInputStream(file)) {
                    models.addAll(ObjectLoader.loadDdfFile(input, file.getName(), true));
                }
            }
        }
        return models;
    }

    private static File[] definitions(File directory) throws IOException {
        File[] files = directory.listFiles((parent, name) -> name.endsWith(".xml"));
        if (files == null) {
            throw new FileNotFoundException(directory + " is not a directory that can be read");
        }
        return files;
    }

    private Models() {}
}
